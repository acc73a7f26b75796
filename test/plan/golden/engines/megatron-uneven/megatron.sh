#!/bin/sh
# Runs a plan of uniap with Megatron-LM (core 0.19), in its folder.
# Give data, tokenizer, learning rate and what else training needs as arguments.
export CUDA_DEVICE_MAX_CONNECTIONS=1
exec torchrun pretrain_gpt.py \
  --num-layers 32 \
  --hidden-size 4096 \
  --ffn-hidden-size 11008 \
  --num-attention-heads 32 \
  --vocab-size 32000 \
  --max-position-embeddings 4096 \
  --position-embedding-type rope \
  --normalization RMSNorm \
  --swiglu \
  --disable-bias-linear \
  --attention-dropout 0 \
  --hidden-dropout 0 \
  --seq-length 4096 \
  --untie-embeddings-and-output-weights \
  --micro-batch-size 2 \
  --global-batch-size 64 \
  --bf16 \
  --optimizer adam \
  --tensor-model-parallel-size 2 \
  --sequence-parallel \
  --pipeline-model-parallel-size 2 \
  --pipeline-model-parallel-layout 'Et*17|t*15L' \
  --overlap-grad-reduce \
  --use-distributed-optimizer \
  --overlap-param-gather \
  --recompute-granularity selective \
  --recompute-modules core_attn \
  "$@"
