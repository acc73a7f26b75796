import test from 'ava';
import { tiedGradientSeconds } from '../../src/cost/gradient-reduction.ts';
import { layerPricer, type LayerCost } from '../../src/cost/layer-cost.ts';
import { placedLayers } from '../../src/cost/layers.ts';
import type { Candidate, Strategy, Workload } from '../../src/cost/workload.ts';
import { aStrategy, aWorkload, SMALL_LLAMA } from './builders.ts';
import { aTransformer } from './models.ts';

const WEIGHT = SMALL_LLAMA.vocabulary * SMALL_LLAMA.hidden;
const ONE_STAGE = { stages: 1, microBatches: 1 };

function embeddingAndHead(
  workload: Workload,
  candidate: Candidate,
  strategy: Strategy,
): readonly (LayerCost | undefined)[] {
  const placed = placedLayers(workload.model.layers);
  return [placed.at(0), placed.at(-1)].map((layer) => layer && layerPricer(layer, workload, candidate)(strategy));
}

test('a tied weight is kept once in a stage, and gathered by each layer that uses it', (t) => {
  const strategy = aStrategy({ shards: 8 });
  const priced = (tied: boolean) =>
    embeddingAndHead(aWorkload({ model: aTransformer({ ...SMALL_LLAMA, tied }) }), ONE_STAGE, strategy);
  const [[embedding, head], [, untied]] = [priced(true), priced(false)];
  t.is((untied?.states ?? 0) - (head?.states ?? 0), (12 * WEIGHT) / 8);
  t.is(embedding?.states ?? 0, (12 * WEIGHT) / 8);
  t.is(head?.sharding, untied?.sharding);
  t.is(head?.buffers, untied?.buffers);
  t.true((head?.sharding ?? 0) > 0);
});

test('stages exchange the gradient of the tied weight alone, whatever else its layers have', (t) => {
  const candidate = { stages: 2, microBatches: 4 };
  const strategy = aStrategy({ shards: 4 });
  const workload = aWorkload({ model: aTransformer({ ...SMALL_LLAMA, tied: true }) });
  const seconds = tiedGradientSeconds(workload.hardware, 4, WEIGHT);
  const [embedding, head] = embeddingAndHead(workload, candidate, strategy);
  // The head has a norm besides. Sharded by four, four bytes a parameter are as many as the weight has.
  t.is(embedding?.data, seconds);
  t.is(head?.data, seconds);
});
