import test from 'ava';
import fc from 'fast-check';
import { usableBytes } from '../../src/cost/memory-limit.ts';
import { priceOf } from '../../src/cost/price.ts';
import { PLANNED_SOFTWARE } from '../../src/cost/software.ts';
import type { Candidate } from '../../src/cost/workload.ts';
import { forwardFlops } from '../../src/model/counts/flops.ts';
import { aStrategy, aWorkload, LLAMA_7B, SMALL_LLAMA, someHardware } from './builders.ts';
import { aTransformer } from './models.ts';

const GIGA = 1e9;

test('Llama 7B under fsdp8: sixteen bytes a parameter, divided by eight', (t) => {
  const model = aTransformer(LLAMA_7B);
  const strategies = model.layers.map(() => aStrategy({ shards: 8, recomputation: 'Full' }));
  const price = priceOf(
    aWorkload({ model, training: { globalBatchSize: 8 } }),
    { stages: 1, microBatches: 1, virtualStages: 1 },
    { placement: model.layers.map(() => 0), strategies },
  );
  const [memory] = price.stages.map((stage) => stage.memory);
  // 6.738 billion parameters: 4 bytes each for parameter, gradient and two states.
  t.is(((memory?.states ?? 0) / GIGA).toFixed(1), ((12 * 6.738) / 8).toFixed(1));
  t.is(((memory?.gradients ?? 0) / GIGA).toFixed(1), ((4 * 6.738) / 8).toFixed(1));
  // 33 inputs of 4096 tokens × 4096 at 16 bits, and the loss of 4096 × 32000 at 32 bits is computed again.
  t.is(((memory?.activations ?? 0) / GIGA).toFixed(1), ((33 * 4096 * 4096 * 2) / GIGA).toFixed(1));
  t.true(price.fits);
});

test('causes add up to the step', (t) => {
  const workload = aWorkload();
  const strategies = workload.model.layers.map(() => aStrategy({ shards: 2 }));
  const price = priceOf(
    workload,
    { stages: 4, microBatches: 8, virtualStages: 1 },
    { placement: [0, 0, 1, 1, 2, 2, 3, 3], strategies },
  );
  const causes: readonly number[] = Object.values(price.time);
  const sum = causes.reduce((total, seconds) => total + seconds, 0);
  t.is(price.stepSeconds, sum);
  t.true(price.time.bubble > 0 && price.time.transfer > 0 && price.time.optimizer > 0);
});

test('what rides along is sent across boundaries and kept by the stages after', (t) => {
  const elements = 1_000_000;
  const plain = aTransformer(SMALL_LLAMA);
  const relaying = { ...plain, layers: plain.layers.map((layer) => ({ ...layer, relayedElements: elements })) };
  const price = (model: typeof plain) =>
    priceOf(
      aWorkload({ model }),
      { stages: 2, microBatches: 4, virtualStages: 1 },
      {
        placement: plain.layers.map((_, index) => (index < 4 ? 0 : 1)),
        strategies: plain.layers.map(() => aStrategy({ replicas: 4 })),
      },
    );
  const [without, having] = [price(plain), price(relaying)];
  t.true(having.time.transfer > without.time.transfer);
  // One sample a rank, at 16 bits, of one micro-batch in flight.
  t.deepEqual(
    having.stages.map(({ memory }, stage) => memory.passing - (without.stages[stage]?.memory.passing ?? NaN)),
    [0, 2 * elements],
  );
});

test('what a stage hands over is kept until its backward pass, unless the program lets go of it', (t) => {
  const passing = (candidate: Candidate, software = PLANNED_SOFTWARE) => {
    const workload = aWorkload({ software, planning: { schedule: 'Interleaved1F1B' } });
    const chunks = candidate.stages * candidate.virtualStages;
    const { layers } = workload.model;
    const { stages } = priceOf(workload, candidate, {
      placement: layers.map((_, index) => Math.floor((index * chunks) / layers.length)),
      strategies: layers.map(() => aStrategy({ replicas: 4 })),
    });
    return stages.map(({ memory }) => memory.passing);
  };
  const plain = { stages: 2, microBatches: 4, virtualStages: 1 };
  const output = 2 * SMALL_LLAMA.tokens * SMALL_LLAMA.hidden;
  // Two micro-batches of a sample are in flight in the first stage.
  t.deepEqual(passing(plain), [2 * output, 0]);
  t.deepEqual(passing(plain, { ...PLANNED_SOFTWARE, keepsStageOutputs: false }), [0, 0]);
  // Of the last stage's two chunks, one hands over; five and three passes are in flight.
  t.deepEqual(passing({ ...plain, virtualStages: 2 }), [5 * output, 1.5 * output]);
});

test('a plan that takes more memory than there is does not fit', (t) => {
  const model = aTransformer(LLAMA_7B);
  const strategies = model.layers.map(() => aStrategy({ replicas: 8 }));
  const workload = aWorkload({ model, training: { globalBatchSize: 8 } });
  const layout = { placement: model.layers.map(() => 0), strategies };
  t.false(priceOf(workload, { stages: 1, microBatches: 1, virtualStages: 1 }, layout).fits);
});

test('a plan that uses its limit to the last byte fits, however sums are rounded', (t) => {
  const model = aTransformer(SMALL_LLAMA);
  const layout = { placement: model.layers.map(() => 0), strategies: model.layers.map(() => aStrategy({ shards: 8 })) };
  const within = (memoryLimitBytes: number) =>
    priceOf(
      aWorkload({ model, planning: { memoryLimitBytes } }),
      { stages: 1, microBatches: 1, virtualStages: 1 },
      layout,
    );
  const { memoryBytes } = within(1e10);
  t.true(within(memoryBytes * (1 - 1e-15)).fits);
  t.false(within(memoryBytes - 8).fits);
});

test('a memory limit can take from what the GPU has, and not add to it', (t) => {
  const whole = usableBytes(aWorkload());
  t.true(whole > 0.9 * 80 * 2 ** 30 && whole < 80 * 2 ** 30);
  t.is(usableBytes(aWorkload({ planning: { memoryLimitBytes: 1e9 } })), 1e9);
  t.is(usableBytes(aWorkload({ planning: { memoryLimitBytes: 1e12 } })), whole);
});

test('no layout is faster than the peak of its GPUs allows', (t) => {
  const layouts = fc.record({
    stages: fc.constantFrom(1, 2, 4),
    tensor: fc.constantFrom(1, 2),
    sharded: fc.boolean(),
    microBatches: fc.constantFrom(1, 2, 4),
    recomputation: fc.constantFrom('None' as const, 'Full' as const),
    nodes: fc.constantFrom(1, 2),
  });
  const model = aTransformer(SMALL_LLAMA);
  const batch = 64;
  const flops = model.layers.reduce((sum, layer) => sum + 3 * forwardFlops(layer, 1, 'unmasked'), 0) * batch;
  fc.assert(
    fc.property(layouts, ({ stages, tensor, sharded, microBatches, recomputation, nodes }) => {
      const gpus = 8 * nodes;
      const data = gpus / stages / tensor;
      const strategy = aStrategy({ tensor, recomputation, ...(sharded ? { shards: data } : { replicas: data }) });
      const workload = aWorkload({ gpus, hardware: someHardware(nodes, 8), training: { globalBatchSize: batch } });
      const price = priceOf(
        workload,
        { stages, microBatches, virtualStages: 1 },
        {
          placement: model.layers.map((_, index) => Math.floor((index * stages) / model.layers.length)),
          strategies: model.layers.map(() => strategy),
        },
      );
      return price.stepSeconds > flops / (gpus * workload.hardware.device.flopsPerSecond.BF16);
    }),
  );
  t.pass();
});
