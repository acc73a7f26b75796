/** What a plan's predictions rest on, for people. */
import { measuredCollectiveSeconds, measuredTransferSeconds } from '../cost/measured-links.ts';
import type { RankGroup } from '../cost/routes.ts';
import { gpusPerStage } from '../cost/workload.ts';
import { isMeasured, type Figure, type Shape } from '../profile/measured/figure.ts';
import type { LayerRun, ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { Site } from './site.ts';

export type PlannedLayout = Pick<ParallelPlanSpec, 'stages' | 'microBatches'>;
const BASES = ['measured', 'scaled', 'predicted'] as const;
type Basis = (typeof BASES)[number];

const WORDS = {
  measured: 'measured',
  scaled: "the catalogue's at the pace of what was measured",
  predicted: "the catalogue's",
} as const satisfies Record<Basis, string>;

/** Which figures behind a plan were measured; undefined where none could be. */
export function figuresNote({ workload }: Site, layout: PlannedLayout): string | undefined {
  const { measured, hardware } = workload;
  if (measured === undefined && hardware.measured === undefined) {
    return undefined;
  }
  const found = new Map(BASES.map((basis) => [basis, new Set<string>()]));
  for (const [figure, basis] of [...layerFigures(workload, layout), ...linkFigures(workload, layout)]) {
    found.get(basis)?.add(figure);
  }
  return [...found]
    .filter(([, figures]) => figures.size > 0)
    .map(([basis, figures]) => `${WORDS[basis]}: ${[...figures].join(', ')}`)
    .join('; ');
}

type Workload = Site['workload'];
type Found = readonly [figure: string, basis: Basis];

function layerFigures(workload: Workload, { stages, microBatches }: PlannedLayout): readonly Found[] {
  const samples = workload.training.globalBatchSize / microBatches;
  return stages.flatMap(({ layers }) =>
    layers.flatMap((run) => {
      const { tensor, sequenceParallel, replicas, shards, recomputation } = run;
      const shape = { tensor, sequenceParallel, samples: samples / replicas / shards };
      return kindsOf(workload, run).flatMap((kind): Found[] => {
        const profiles = workload.measured?.filter(({ names }) => names.includes(kind)) ?? [];
        return [
          [
            `seconds of ${kind}`,
            basisOf(
              profiles.flatMap(({ forward }) => forward.None),
              shape,
            ),
          ],
          [
            `activations of ${kind}`,
            basisOf(
              profiles.flatMap(({ activations }) => activations[recomputation]),
              shape,
            ),
          ],
        ];
      });
    }),
  );
}

function kindsOf({ model }: Workload, { first, last }: LayerRun): readonly string[] {
  return [...new Set(model.layers.slice(first, last + 1).map(({ kind }) => kind))];
}

function basisOf(figures: readonly Figure[], shape: Shape): Basis {
  if (figures.length === 0) return 'predicted';
  return isMeasured(figures, shape) ? 'measured' : 'scaled';
}

/** Any size will do: a group is measured or not. */
const SOME_BYTES = 1;

function linkFigures({ hardware, gpus }: Workload, { stages }: PlannedLayout): readonly Found[] {
  const perStage = gpusPerStage({ gpus }, { stages: stages.length });
  const runs = stages.flatMap(({ layers }) => layers);
  const groups = runs.flatMap(({ tensor, replicas, shards }): readonly (readonly [string, RankGroup])[] => [
    ['tensor', { size: tensor, stride: 1 }],
    ['shard', { size: shards, stride: tensor }],
    ['replica', { size: replicas, stride: tensor * shards }],
  ]);
  const found = groups
    .filter(([, { size }]) => size > 1)
    .map(([name, group]): Found => {
      const seconds = measuredCollectiveSeconds(hardware, group, { kind: 'all-reduce', bytes: SOME_BYTES });
      return [`exchanges in ${name} groups of ${group.size}`, seconds === undefined ? 'predicted' : 'measured'];
    });
  const sent = measuredTransferSeconds(hardware, perStage, SOME_BYTES) === undefined ? 'predicted' : 'measured';
  return stages.length === 1 ? found : [...found, ['transfers between stages', sent]];
}
