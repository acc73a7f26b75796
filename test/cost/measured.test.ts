import { readFile } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import { ownWork } from '../../src/cost/measured-layers.ts';
import { collectiveSeconds, transferSeconds } from '../../src/cost/collectives.ts';
import { withMeasured, type Hardware } from '../../src/cost/hardware.ts';
import { optimizerSeconds } from '../../src/cost/optimizer.ts';
import { overlappedSeconds } from '../../src/cost/overlap.ts';
import { predictedWork } from '../../src/cost/predicted-work.ts';
import { importGalvatron } from '../../src/profile/measured/import/galvatron.ts';
import { importPiper } from '../../src/profile/measured/import/piper.ts';
import { measuredLayers, type MeasuredLayers } from '../../src/profile/measured/measured-layers.ts';
import type { Layer } from '../../src/model/layer.ts';
import { aWorkload, LLAMA_7B, someHardware } from './builders.ts';
import { aTransformer } from './models.ts';

const MEBIBYTE = 2 ** 20;

async function source(name: string) {
  return { file: name, text: await readFile(new URL(`../profile/measured/${name}`, import.meta.url), 'utf8') };
}

const model = aTransformer({ ...LLAMA_7B, tokens: 2048 });

function layerOf(kind: string): Layer {
  const layer = model.layers.find((each) => each.kind === kind);
  if (layer === undefined) throw new Error(`no ${kind}`);
  return layer;
}

async function galvatron(): Promise<readonly MeasuredLayers[]> {
  const names = ['computation', 'memory'].map((what) => `galvatron/${what}_profiling_bf16_llama2-7b_all.json`);
  const { models } = importGalvatron(await Promise.all(names.map(source)), {});
  return models.flatMap(({ spec }) => measuredLayers(spec));
}

test('what was imported is what a layer is priced at', async (t) => {
  const measured = await galvatron();
  const workload = aWorkload({ model, measured });
  for (const { forward, activations } of measured.filter(({ names }) => names[0] === 'block')) {
    for (const figure of forward.None) {
      t.is(ownWork(layerOf('block'), figure, workload).arithmetic.forward, figure.value);
    }
    for (const figure of activations.None) {
      t.is(ownWork(layerOf('block'), figure, workload).activations.None, figure.value);
    }
  }
});

test('layers that were measured together take together what was measured', async (t) => {
  const measured = await galvatron();
  const others = measured.find(({ names }) => names.length === 2);
  const workload = aWorkload({ model, measured });
  for (const figure of others?.forward.None ?? []) {
    const seconds = ['embedding', 'head'].map((kind) => ownWork(layerOf(kind), figure, workload).arithmetic.forward);
    t.is(seconds.reduce((sum, each) => sum + each).toPrecision(12), figure.value.toPrecision(12));
  }
});

test('a pass that was not measured keeps the pace of the one that was', async (t) => {
  const shape = { tensor: 1, sequenceParallel: false, samples: 2 };
  const workload = aWorkload({ model, measured: await galvatron() });
  const own = ownWork(layerOf('block'), shape, workload);
  const predicted = predictedWork(layerOf('block'), shape, workload);
  const pace = own.arithmetic.forward / predicted.arithmetic.forward;
  t.is(own.arithmetic.backward, pace * predicted.arithmetic.backward);
  t.is(own.repeated.Full.arithmetic, own.arithmetic.forward);
  t.is(own.repeated.Selective.arithmetic, pace * predicted.repeated.Selective.arithmetic);
});

test('figures that contradict each other make no pass and no buffer less than nothing', (t) => {
  const shape = { tensor: 1, sequenceParallel: false, samples: 2 };
  const nothing = { None: [], Selective: [], Full: [] };
  const predicted = predictedWork(layerOf('block'), shape, aWorkload({ model }));
  const { forward, backward } = predicted.arithmetic;
  const contradicting: MeasuredLayers = {
    names: ['block'],
    withExchange: false,
    forward: { ...nothing, None: [{ ...shape, value: forward }] },
    backward: {
      ...nothing,
      None: [{ ...shape, value: 1.2 * backward }],
      Full: [{ ...shape, value: 1.1 * backward }],
    },
    activations: { ...nothing, None: [{ ...shape, value: predicted.activations.Full / 2 }] },
  };
  const { repeated, activations } = ownWork(layerOf('block'), shape, aWorkload({ model, measured: [contradicting] }));
  t.is(repeated.Full.arithmetic, 0);
  t.is(activations.Selective, activations.None);
  t.is(activations.Full, activations.None);
});

test('seconds that include the exchanges of a tensor group are charged no others', async (t) => {
  const { spec } = importPiper(await source('piper/bert32a100.json'), { samples: 8, sequenceLength: 512 });
  const measured = measuredLayers(spec);
  const figure = { tensor: 2, sequenceParallel: false, samples: 8 };
  const work = ownWork(layerOf('block'), figure, aWorkload({ model, measured }));
  t.is((work.arithmetic.forward + work.arithmetic.backward).toFixed(6), '0.018721');
  t.deepEqual(work.exchange, { forward: 0, backward: 0 });
  t.is(work.repeated.Full.exchange, 0);
});

test('a layer without figures is priced as if there were no profile', async (t) => {
  const shape = { tensor: 2, sequenceParallel: true, samples: 2 };
  const measured = (await galvatron()).filter(({ names }) => !names.includes('block'));
  const layer = layerOf('block');
  t.deepEqual(ownWork(layer, shape, aWorkload({ model, measured })), predictedWork(layer, shape, aWorkload({ model })));
});

test('measured links count for the very groups that were measured', async (t) => {
  const names = ['allreduce_bandwidth_2nodes_8gpus_per_node', 'p2p_bandwidth_2nodes_8gpus_per_node', 'sp_time_1nodes_8gpus_per_node', 'overlap_coefficient']; // prettier-ignore
  const sources = await Promise.all(names.map((name) => source(`galvatron/${name}.json`)));
  const [profile] = importGalvatron(sources, {}).hardware;
  const predicted = someHardware(2, 8);
  const hardware = profile === undefined ? predicted : withMeasured(predicted, profile.spec);
  const reduce = { kind: 'all-reduce', bytes: 64 * MEBIBYTE } as const;
  t.is(collectiveSeconds(hardware, { size: 8, stride: 1 }, reduce), 0.6518999999999999 / 1000);
  t.is(
    collectiveSeconds(hardware, { size: 8, stride: 1 }, { ...reduce, kind: 'all-gather' }),
    0.6518999999999999 / 2000,
  );
  // Sixteen, of two nodes: 44.7 GB/s over the bus.
  t.is(
    collectiveSeconds(hardware, { size: 16, stride: 1 }, reduce).toPrecision(9),
    ((2 * (15 / 16) * reduce.bytes) / 44.682e9).toPrecision(9),
  );
  t.is(transferSeconds(hardware, 8, 7.65998e9), 1);
  t.is(transferSeconds(hardware, 16, 1e9), transferSeconds(predicted, 16, 1e9));
  const unmeasured = { size: 3, stride: 1 };
  t.is(collectiveSeconds(hardware, unmeasured, reduce), collectiveSeconds(predicted, unmeasured, reduce));
  // Beside a second of communication, computation does 1/1.1256 of a second's work; the rest is added.
  t.is(overlappedSeconds(hardware, 2, 1).toFixed(6), (2 + (1 - 1 / 1.125552573612729)).toFixed(6));
});

test('an optimizer step takes its bytes at the measured rate of long arrays', (t) => {
  const predicted = someHardware(1, 8);
  const spec = { provenance: { tool: 'test' }, collectives: [], pointToPoint: [] };
  const rate = 1e12;
  const hardware = withMeasured(predicted, { ...spec, arrayBytesPerSecond: `${rate}` });
  const seconds = (device: Hardware['device']): number =>
    optimizerSeconds(device, { precision: 'BF16', optimizer: 'AdamW', globalBatchSize: 1 }, 1e9);
  t.is(seconds(hardware.device).toFixed(4), ((38 * 1e9) / rate).toFixed(4));
  t.deepEqual(withMeasured(predicted, spec).device, predicted.device);
});

test('measured or not, more samples take no less and more ranks no more', async (t) => {
  const workload = aWorkload({ model, measured: await galvatron() });
  const seconds = (tensor: number, samples: number): number =>
    ownWork(layerOf('block'), { tensor, sequenceParallel: true, samples }, workload).arithmetic.forward;
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 4), fc.integer({ min: 1, max: 32 }), (tensor, samples) => {
      const here = seconds(tensor, samples);
      return seconds(tensor, samples + 1) >= here && seconds(2 * tensor, samples) <= here;
    }),
  );
  t.pass();
});
