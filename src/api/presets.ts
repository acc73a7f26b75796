/** Names of the model presets; their configurations are in src/model/presets. */
export const MODEL_PRESETS = [
  'bert-huge',
  't5-large',
  'vit-huge',
  'swin-huge',
  'llama-7b',
  'llama-13b',
  'llama-2-7b',
  'llama-2-13b',
  'llama-2-70b',
  'llama-3-8b',
  'llama-3-70b',
  'llama-3.1-405b',
  'gpt-3-175b',
] as const;

export type ModelPreset = (typeof MODEL_PRESETS)[number];
