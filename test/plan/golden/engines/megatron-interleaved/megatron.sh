#!/bin/sh
# Runs a plan of uniap with Megatron-LM (core 0.19), in its folder.
# Give data, tokenizer, learning rate and what else training needs as arguments.
export CUDA_DEVICE_MAX_CONNECTIONS=1
exec torchrun pretrain_gpt.py \
  --num-layers 96 \
  --hidden-size 12288 \
  --num-attention-heads 96 \
  --vocab-size 50257 \
  --max-position-embeddings 2048 \
  --attention-dropout 0.1 \
  --hidden-dropout 0 \
  --seq-length 2048 \
  --micro-batch-size 4 \
  --global-batch-size 64 \
  --fp16 \
  --accumulate-allreduce-grads-in-fp32 \
  --optimizer adam \
  --tensor-model-parallel-size 8 \
  --pipeline-model-parallel-size 4 \
  --pipeline-model-parallel-layout 'Et*13|t*12|t*12|t*12|t*12|t*12|t*12|t*11L' \
  --overlap-grad-reduce \
  --recompute-granularity full \
  --recompute-method uniform \
  --recompute-num-layers 1 \
  "$@"
