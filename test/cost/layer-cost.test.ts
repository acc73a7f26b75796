import test from 'ava';
import { gradientReductionSeconds, tiedGradientSeconds } from '../../src/cost/gradient-reduction.ts';
import { layerPricer, type LayerCost } from '../../src/cost/layer-cost.ts';
import { placedLayers } from '../../src/cost/layers.ts';
import { PLANNED_SOFTWARE } from '../../src/cost/software.ts';
import type { Candidate, Strategy } from '../../src/cost/workload.ts';
import { at } from '../../src/planner/at.ts';
import { aStrategy, aWorkload, SMALL_LLAMA, someHardware } from './builders.ts';
import { aTransformer } from './models.ts';

const WEIGHT = SMALL_LLAMA.vocabulary * SMALL_LLAMA.hidden;
const GRADIENT_BYTES = PLANNED_SOFTWARE.gradientBytes;
const ONE_STAGE = { stages: 1, microBatches: 1, virtualStages: 1 };

function embeddingAndHead(tied: boolean, candidate: Candidate, strategy: Strategy) {
  const workload = aWorkload({ model: aTransformer({ ...SMALL_LLAMA, tied }) });
  const layers = placedLayers(workload.model.layers);
  const price = (index: number): LayerCost => layerPricer(at(layers, index), workload, candidate)(strategy);
  return { embedding: price(0), head: price(layers.length - 1) };
}

test('a tied weight is kept once in a stage, and gathered by each layer that uses it', (t) => {
  const strategy = aStrategy({ shards: 8 });
  const { embedding, head } = embeddingAndHead(true, ONE_STAGE, strategy);
  const { head: untied } = embeddingAndHead(false, ONE_STAGE, strategy);
  t.is(untied.states - head.states, (12 * WEIGHT) / 8);
  t.is(embedding.states, (12 * WEIGHT) / 8);
  t.is(head.sharding, untied.sharding);
  t.is(head.buffers, untied.buffers);
  t.true(head.sharding > 0);
});

test('stages exchange the gradient of the tied weight alone, whatever else its layers have', (t) => {
  const candidate = { stages: 2, microBatches: 4, virtualStages: 1 };
  const strategy = aStrategy({ shards: 4 });
  const seconds = tiedGradientSeconds(someHardware(1, 8), 4, WEIGHT);
  const { embedding, head } = embeddingAndHead(true, candidate, strategy);
  // The head has a norm besides. Sharded by four, four bytes a parameter are as many as the weight has.
  t.is(embedding.data, seconds);
  t.is(head.data, seconds);
});

test('the backward pass covers what shards exchange or what replicas do, not both', (t) => {
  const gradientBytes = (GRADIENT_BYTES * WEIGHT) / 4;
  const whole = gradientReductionSeconds(someHardware(1, 8), {
    stride: 4,
    replicas: 2,
    gradientBytes,
    backwardSeconds: 0,
  });
  // An embedding computes next to nothing: what its shards exchange takes longer than its backward pass.
  t.is(embeddingAndHead(false, ONE_STAGE, aStrategy({ shards: 4, replicas: 2 })).embedding.data, whole);
  const replicated = embeddingAndHead(false, ONE_STAGE, aStrategy({ replicas: 8 })).embedding;
  t.true(
    replicated.data <
      gradientReductionSeconds(someHardware(1, 8), {
        stride: 1,
        replicas: 8,
        gradientBytes: GRADIENT_BYTES * WEIGHT,
        backwardSeconds: 0,
      }),
  );
});

test('replicas sum gradients once a step, but in each micro-batch under torchtitan without pipelining', (t) => {
  const dataUnder = (engine: 'uniap' | 'torchtitan' | 'megatron', stages: number): number => {
    const workload = aWorkload({ planning: { engine } });
    const block = at(placedLayers(workload.model.layers), 1);
    const candidate = { stages, microBatches: 4, virtualStages: 1 };
    return layerPricer(block, workload, candidate)(aStrategy({ replicas: 8 / stages })).data;
  };
  t.is(dataUnder('torchtitan', 1), 4 * dataUnder('uniap', 1));
  t.is(dataUnder('megatron', 1), dataUnder('uniap', 1));
  t.is(dataUnder('torchtitan', 2), dataUnder('uniap', 2));
});

test('where shards fill each pass that runs beside the sum among replicas, none covers it, however many chunks a stage has', (t) => {
  const workload = aWorkload({
    model: aTransformer(SMALL_LLAMA),
    hardware: someHardware(8, 1, { fabric: { kind: 'infiniband', bytesPerSecond: 10e9 } }),
    training: { globalBatchSize: 128 },
  });
  const placed = at(placedLayers(workload.model.layers), 1);
  const strategy = aStrategy({ shards: 2, replicas: 2 });
  const dataOf = (virtualStages: number): number =>
    layerPricer(placed, workload, { stages: 2, microBatches: 4, virtualStages })(strategy).data;
  t.true(dataOf(1) > 0);
  t.is(dataOf(3), dataOf(1));
});

/** A block of four micro-batches of two samples on each of eight ranks, in one stage. */
function block(strategy: Strategy, workload = aWorkload({ training: { globalBatchSize: 64 } })): LayerCost {
  const candidate = { stages: 1, microBatches: 4, virtualStages: 1 };
  return layerPricer(at(placedLayers(workload.model.layers), 1), workload, candidate)(strategy);
}

test('ZeRO-1 exchanges gradients and parameters once a step, ZeRO-2 gradients and ZeRO-3 both for each micro-batch', (t) => {
  const [one, two, three] = ([1, 2, 3] as const).map((zeroStage) => block(aStrategy({ shards: 8, zeroStage })));
  if (one === undefined || two === undefined || three === undefined) return t.fail();
  t.is(one.sharding, 0);
  t.true(two.sharding > 0 && three.sharding > two.sharding);
  t.true(one.data > two.data && two.data > 0);
  t.is(three.data, 0);
  t.is(two.forward, one.forward);
  t.true(three.forward > two.forward);
  // Less for each, but for what is whole while the layer is worked on.
  t.true(one.states === two.states && two.states > three.states);
  t.true(one.gradients === 8 * two.gradients && two.gradients === three.gradients);
  t.true(one.buffers < two.buffers && two.buffers < three.buffers);
  t.is(new Set([one, two, three].map(({ optimizer }) => optimizer)).size, 1);
});

test('one rank alone splits nothing, whatever the stage of ZeRO', (t) => {
  const costs = ([1, 2, 3] as const).map((zeroStage) => block(aStrategy({ replicas: 8, zeroStage })));
  t.deepEqual(costs[0], costs[2]);
  t.deepEqual(costs[1], costs[2]);
});

test('selective recomputation frees what the attention core keeps, for its forward pass once more', (t) => {
  const costs = (materialised: boolean) => {
    const model = aTransformer(SMALL_LLAMA);
    const layers = model.layers.map((layer) => ({
      ...layer,
      operators: layer.operators.map((operator) =>
        operator.kind === 'attention' ? { ...operator, materialised } : operator,
      ),
    }));
    const workload = aWorkload({ model: { layers }, training: { globalBatchSize: 64 } });
    return (['None', 'Selective', 'Full'] as const).map((recomputation) =>
      block(aStrategy({ replicas: 8, recomputation }), workload),
    );
  };
  const [none, selective, full] = costs(true);
  if (none === undefined || selective === undefined || full === undefined) return t.fail();
  t.true(none.computation < selective.computation && selective.computation < full.computation);
  t.true(none.activations > selective.activations && selective.activations > full.activations);
  t.is(selective.buffers - none.buffers, none.activations - selective.activations);
  // Blockwise, a statistic for each query and head is all that the core keeps.
  const [blockwise, ofCore] = costs(false);
  const { tokens, heads } = SMALL_LLAMA;
  t.is((blockwise?.activations ?? 0) - (ofCore?.activations ?? 0), 2 * 4 * tokens * heads);
});
