/** The families of models that are known, each by the `model_type` of its config.json. */
import type { Family } from './family.ts';
import { GPT2 } from './families/gpt2.ts';
import { LLAMA_FAMILIES } from './families/llama.ts';

export const FAMILIES: readonly Family[] = [...LLAMA_FAMILIES, GPT2];
