#!/bin/sh
# Runs a plan of uniap with Megatron-LM (core 0.19), in its folder.
# Give data, tokenizer, learning rate and what else training needs as arguments.
exec torchrun pretrain_gpt.py \
  --num-layers 6 \
  --hidden-size 1024 \
  --ffn-hidden-size 2816 \
  --num-attention-heads 16 \
  --group-query-attention \
  --num-query-groups 4 \
  --vocab-size 32000 \
  --max-position-embeddings 4096 \
  --position-embedding-type rope \
  --rotary-base 1000000 \
  --normalization RMSNorm \
  --norm-epsilon 0.000001 \
  --swiglu \
  --disable-bias-linear \
  --add-qkv-bias \
  --attention-dropout 0 \
  --hidden-dropout 0 \
  --seq-length 4096 \
  --untie-embeddings-and-output-weights \
  --micro-batch-size 2 \
  --global-batch-size 64 \
  --bf16 \
  --optimizer adam \
  --tensor-model-parallel-size 1 \
  --pipeline-model-parallel-size 1 \
  --overlap-grad-reduce \
  --use-distributed-optimizer \
  --overlap-param-gather \
  --num-distributed-optimizer-instances 2 \
  --use-megatron-fsdp \
  --data-parallel-sharding-strategy optim_grads_params \
  --megatron-fsdp-main-grads-dtype fp32 \
  --ckpt-format fsdp_dtensor \
  "$@"
