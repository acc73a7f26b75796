import test from 'ava';
import fc from 'fast-check';
import { sameStrategy, seatsOf, stagesOf, type RunStrategy } from '../../src/plan/stages.ts';
import { validatePlan } from '../../src/plan/validate-plan.ts';
import { aPlan } from './builders.ts';

const strategies: readonly RunStrategy[] = [
  { tensor: 1, sequenceParallel: false, shards: 4, replicas: 1, zeroStage: 3, recomputation: 'None' },
  { tensor: 1, sequenceParallel: false, shards: 4, replicas: 1, zeroStage: 3, recomputation: 'Full' },
  { tensor: 2, sequenceParallel: true, shards: 1, replicas: 2, zeroStage: 1, recomputation: 'None' },
];

/** Any assignment of chunks in order, none empty, to stages in turn, and of any strategies. */
const seats = fc
  .record({
    stages: fc.integer({ min: 1, max: 4 }),
    virtualStages: fc.integer({ min: 1, max: 3 }),
    layers: fc.array(fc.record({ next: fc.boolean(), strategy: fc.constantFrom(...strategies) }), {
      minLength: 12,
      maxLength: 30,
    }),
  })
  .map(({ stages, virtualStages, layers }) => {
    const chunks = stages === 1 ? 1 : stages * virtualStages;
    let chunk = 0;
    return layers.map(({ next, strategy }, index) => {
      const left = layers.length - index;
      if (index > 0 && chunk < chunks - 1 && (next || left < chunks - chunk)) chunk += 1;
      return { stage: chunk % stages, virtualStage: Math.floor(chunk / stages), strategy };
    });
  });

test('what goes into runs comes out of them', (t) => {
  fc.assert(
    fc.property(seats, (given) => {
      const found = seatsOf(
        stagesOf(
          given.map(() => ({ kind: 'block' })),
          given,
        ),
      );
      return (
        found.length === given.length &&
        given.every(({ stage, virtualStage, strategy }, layer) => {
          const seat = found[layer];
          return seat?.stage === stage && seat.virtualStage === virtualStage && sameStrategy(seat.strategy, strategy);
        })
      );
    }),
  );
  t.pass();
});

test('the stages are a valid plan, and no run could be longer', (t) => {
  fc.assert(
    fc.property(seats, (given) => {
      const stages = stagesOf(
        given.map(() => ({ kind: 'block' })),
        given,
      );
      const virtualStages = 1 + Math.max(...given.map(({ virtualStage }) => virtualStage));
      const plan = aPlan({
        stages,
        virtualStages,
        schedule: 'Interleaved1F1B',
        microBatches: stages.length,
        globalBatchSize: 4 * stages.length,
        gpus: 4 * stages.length,
        nodes: [{ name: 'a', gpus: 4 * stages.length }],
      });
      validatePlan(plan, given.length);
      return stages.every(({ layers }) =>
        layers.every((run, index) => {
          const next = layers[index + 1];
          return next?.virtualStage !== run.virtualStage || !sameStrategy(run, next);
        }),
      );
    }),
  );
  t.pass();
});

test('a run is named by the kinds of its layers', (t) => {
  const layers = ['embedding', 'block', 'block', 'head'].map((kind) => ({ kind }));
  const [strategy, other] = strategies;
  if (strategy === undefined || other === undefined) throw new Error('no strategies');
  const stages = stagesOf(layers, [
    { stage: 0, virtualStage: 0, strategy },
    { stage: 0, virtualStage: 0, strategy },
    { stage: 1, virtualStage: 0, strategy },
    { stage: 1, virtualStage: 0, strategy: other },
  ]);
  t.deepEqual(
    stages.map((stage) => stage.layers.map(({ first, last, name }) => [first, last, name])),
    [
      [[0, 1, 'embedding, block']],
      [
        [2, 2, 'block'],
        [3, 3, 'head'],
      ],
    ],
  );
});
