/** A plan in a few words: `pp2 · tp4 · fsdp2`. */
import type { LayerRun, ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { RunStrategy } from './stages.ts';

/**
 * The strategy of one run of layers: `tp4 · sp · fsdp2 · dp2 · recompute`; ranks that share optimizer states alone, or
 * gradients too, are `zero1-8` or `zero2-8`. What is not split is not named, so it may be empty.
 */
export function describeStrategy(run: RunStrategy): string {
  return joined([
    degree('tp', run.tensor),
    run.sequenceParallel ? 'sp' : '',
    degree(run.zeroStage === 3 ? 'fsdp' : `zero${run.zeroStage}-`, run.shards),
    degree('dp', run.replicas),
    RECOMPUTATION[run.recomputation],
  ]);
}

const RECOMPUTATION = {
  None: '',
  Selective: 'recompute attention',
  Full: 'recompute',
} as const satisfies Record<LayerRun['recomputation'], string>;

/** The pipeline degree, with the virtual stages of each stage (`pp4×2`), and the strategy of most layers, with their number where others differ. */
export function summarizePlan({ stages, virtualStages }: Pick<ParallelPlanSpec, 'stages' | 'virtualStages'>): string {
  const layersOf = new Map<string, number>();
  for (const run of stages.flatMap(({ layers }) => layers)) {
    const strategy = describeStrategy(run);
    layersOf.set(strategy, (layersOf.get(strategy) ?? 0) + run.last - run.first + 1);
  }
  const all = [...layersOf.values()].reduce((sum, count) => sum + count, 0);
  const [[strategy, count] = ['', 0]] = [...layersOf].sort(([, one], [, other]) => other - one);
  const degrees = joined([pipeline(stages.length, virtualStages), strategy]);
  const words = degrees === '' ? 'one GPU' : degrees;
  return count === all ? words : `${words} (${count} of ${all} layers)`;
}

function pipeline(stages: number, virtualStages: number): string {
  return `${degree('pp', stages)}${virtualStages === 1 ? '' : `×${virtualStages}`}`;
}

function degree(name: string, value: number): string {
  return value === 1 ? '' : `${name}${value}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
