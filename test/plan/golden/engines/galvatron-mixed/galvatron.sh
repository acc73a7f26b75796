#!/bin/sh
# Runs a plan of uniap with Hetu-Galvatron 2.4.
# Give --model_size and what else training needs as arguments.
exec torchrun -m galvatron.models.llama_hf.train_dist \
  --galvatron_config_path "$(dirname "$0")"/galvatron.json \
  --mixed_precision bf16 \
  --reduce_in_fp32 \
  --sequence-parallel \
  --no_async_grad_reduce \
  --set_seqlen_manually 1 \
  --seq_length 2048 \
  "$@"
