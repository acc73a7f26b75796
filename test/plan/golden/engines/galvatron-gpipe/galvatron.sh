#!/bin/sh
# Runs a plan of uniap with Hetu-Galvatron 2.4.
# Give --model_size and what else training needs as arguments.
exec torchrun -m galvatron.models.gpt_hf.train_dist \
  --galvatron_config_path "$(dirname "$0")"/galvatron.json \
  --mixed_precision fp32 \
  --reduce_in_fp32 \
  --sequence-parallel \
  --set_seqlen_manually 1 \
  --seq_length 1024 \
  "$@"
