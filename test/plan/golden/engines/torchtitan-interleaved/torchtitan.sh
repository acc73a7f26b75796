#!/bin/sh
# Runs a plan of uniap with torchtitan 0.3.
# Give --module and --config of the model and its recipe as arguments, and what else the recipe needs.
exec torchrun -m torchtitan.train \
  --parallelism.tensor-parallel-degree 1 \
  --parallelism.no-enable-sequence-parallel \
  --parallelism.data-parallel-replicate-degree 8 \
  --parallelism.data-parallel-shard-degree 1 \
  --parallelism.fsdp-reshard-after-forward never \
  --parallelism.pipeline-parallel-degree 2 \
  --training.local-batch-size 8 \
  --training.global-batch-size 64 \
  --training.seq-len 4096 \
  --training.mixed-precision-param float32 \
  --parallelism.pipeline-parallel-schedule Interleaved1F1B \
  --parallelism.pipeline-parallel-microbatch-size 2 \
  --parallelism.module-fqns-per-model-part tok_embeddings,layers.0,layers.1,layers.2,layers.3,layers.4,layers.5,layers.6,layers.7 layers.8,layers.9,layers.10,layers.11,layers.12,layers.13,layers.14,layers.15 layers.16,layers.17,layers.18,layers.19,layers.20,layers.21,layers.22,layers.23,layers.24 layers.25,layers.26,layers.27,layers.28,layers.29,layers.30,layers.31,norm,lm_head \
  --training.disable-cuda-graphs \
  "$@" \
  activation-checkpoint:none
