import test from 'ava';
import { MODEL_PRESETS, type ModelPreset } from '../../src/api/presets.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { PRESETS } from '../../src/model/presets.ts';

interface Published {
  readonly parameters: number;
  /** Half a unit of the last digit that the source gives; 0 where it gives all. */
  readonly precision: number;
  readonly layers: number;
  readonly tokens: number | null;
}

/**
 * Total parameters as published. Exact ones are those of the checkpoints' safetensors index; rounded ones stand in the papers
 * that src/model/presets.ts names: BERT-Huge 672M, ViT-Huge 632M, Swin-Huge 1.02B (UniAP, arXiv 2307.16375; its 672M is
 * truncated), GPT-3 174,600M (arXiv 2005.14165, table D.1).
 */
const PUBLISHED: Readonly<Record<ModelPreset, Published>> = {
  'bert-huge': { parameters: 672e6, precision: 1e6, layers: 34, tokens: 512 },
  't5-large': { parameters: 737_668_096, precision: 0, layers: 51, tokens: 512 },
  'vit-huge': { parameters: 632e6, precision: 0.5e6, layers: 34, tokens: null },
  'swin-huge': { parameters: 1.02e9, precision: 0.005e9, layers: 53, tokens: null },
  'llama-7b': { parameters: 6_738_415_616, precision: 0, layers: 34, tokens: 2048 },
  'llama-13b': { parameters: 13_015_864_320, precision: 0, layers: 42, tokens: 2048 },
  'llama-2-7b': { parameters: 6_738_415_616, precision: 0, layers: 34, tokens: 4096 },
  'llama-2-13b': { parameters: 13_015_864_320, precision: 0, layers: 42, tokens: 4096 },
  'llama-2-70b': { parameters: 68_976_648_192, precision: 0, layers: 82, tokens: 4096 },
  'llama-3-8b': { parameters: 8_030_261_248, precision: 0, layers: 34, tokens: 8192 },
  'llama-3-70b': { parameters: 70_553_706_496, precision: 0, layers: 82, tokens: 8192 },
  'llama-3.1-405b': { parameters: 405_853_388_800, precision: 0, layers: 128, tokens: 131072 },
  'gpt-3-175b': { parameters: 174_600e6, precision: 5e6, layers: 98, tokens: 2048 },
};

for (const preset of MODEL_PRESETS) {
  const { parameters, precision, layers, tokens } = PUBLISHED[preset];

  test(`${preset} is as published`, (t) => {
    const model = buildModel({ preset });
    t.is(model.name, preset);
    t.true(Math.abs(model.parameters - parameters) <= precision, `${model.parameters}, published ${parameters}`);
    t.is(model.layers.length, layers);
    t.is(model.tokensPerSample, tokens);
  });
}

test('T5-Large with 16 layers a side has the 502M parameters that Galvatron gives for it', (t) => {
  const config = { ...PRESETS['t5-large'].config, num_layers: 16, num_decoder_layers: 16 };
  t.is(Math.floor(buildModel({ config }).parameters / 1e6), 502);
});

test('Swin-Huge with 32 layers has the 701M parameters that Galvatron gives for it', (t) => {
  const config = { ...PRESETS['swin-huge'].config, depths: [2, 2, 26, 2] };
  t.is(Math.round(buildModel({ config }).parameters / 1e6), 701);
});
