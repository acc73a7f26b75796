/** The families of models that are known, each by the `model_type` of its config.json. */
import { BERT } from './families/bert.ts';
import { GPT2 } from './families/gpt2.ts';
import { LLAMA_FAMILIES } from './families/llama.ts';
import { SWIN } from './families/swin.ts';
import { T5 } from './families/t5.ts';
import { VIT } from './families/vit.ts';
import type { Family } from './family.ts';

export const FAMILIES: readonly Family[] = [...LLAMA_FAMILIES, GPT2, BERT, T5, VIT, SWIN];
