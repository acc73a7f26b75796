#!/bin/sh
# Runs a plan of uniap with torchtitan 0.3.
# Give --module and --config of the model and its recipe as arguments, and what else the recipe needs.
exec torchrun -m torchtitan.train \
  --parallelism.tensor-parallel-degree 2 \
  --parallelism.enable-sequence-parallel \
  --parallelism.data-parallel-replicate-degree 2 \
  --parallelism.data-parallel-shard-degree 4 \
  --parallelism.fsdp-reshard-after-forward always \
  --parallelism.pipeline-parallel-degree 1 \
  --training.local-batch-size 2 \
  --training.global-batch-size 64 \
  --training.seq-len 4096 \
  --training.mixed-precision-param bfloat16 \
  "$@" \
  activation-checkpoint:full
