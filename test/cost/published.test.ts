/** Step times that others measured and published, against what the cost model says of their layouts. */
import test from 'ava';
import { priceOf } from '../../src/cost/price.ts';
import { anAllocation, aStrategy, aWorkload } from './builders.ts';
import { hardwareOf } from '../../src/cost/hardware.ts';
import { aTransformer } from './models.ts';
import rows from './published.json' with { type: 'json' };

type Row = (typeof rows)[number];

/**
 * Left out: sharding of optimizer states alone (ZeRO-1), which gathers as much as an all-reduce does; recomputation of the
 * attention core alone, whose scores the model takes to be kept.
 */
function predictedSeconds(row: Row): number {
  const model = aTransformer(row.model);
  const allocation = anAllocation(Math.max(1, row.gpus / row.gpusPerNode), Math.min(row.gpus, row.gpusPerNode), {
    product: row.product,
    fabric: { kind: 'infiniband', bytesPerSecond: row.networkBytesPerSecond },
  });
  const workload = aWorkload({
    model,
    gpus: row.gpus,
    hardware: hardwareOf(allocation),
    training: { globalBatchSize: row.globalBatchSize, precision: row.precision === 'FP16' ? 'FP16' : 'BF16' },
  });
  const strategy = aStrategy({
    tensor: row.tensor,
    sequenceParallel: row.sequenceParallel,
    ...(row.sharded ? { shards: row.data } : { replicas: row.data }),
    recomputation: row.recomputation === 'Full' ? 'Full' : 'None',
  });
  const price = priceOf(
    workload,
    { stages: row.stages, microBatches: row.microBatches, virtualStages: row.virtualStages },
    {
      placement: evenPlacement(model.layers.length, row.stages * row.virtualStages),
      strategies: model.layers.map(() => strategy),
    },
  );
  return price.stepSeconds;
}

/** Blocks evenly, the embedding with the first and the head with the last. */
function evenPlacement(layers: number, chunks: number): readonly number[] {
  const blocks = layers - 2;
  return Array.from({ length: layers }, (_, index) =>
    Math.min(chunks - 1, Math.floor((Math.max(0, index - 1) * chunks) / blocks)),
  );
}

for (const row of rows) {
  test(`${row.name}: within 25% of ${row.stepSeconds} s (${row.source})`, (t) => {
    const error = predictedSeconds(row) / row.stepSeconds - 1;
    t.true(Math.abs(error) < 0.25, `${(100 * error).toFixed(1)}%`);
  });
}

test('10% on average', (t) => {
  const errors = rows.map((row) => Math.abs(predictedSeconds(row) / row.stepSeconds - 1));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  t.true(mean < 0.1, `${(100 * mean).toFixed(1)}%`);
});
