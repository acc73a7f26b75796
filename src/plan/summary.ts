/** A plan in a few words: `pp2 · tp4 · fsdp2`. */
import type { LayerRun, ParallelPlanSpec } from '../api/parallel-plan.ts';

/** The strategy of one run of layers: `tp4 · sp · fsdp2 · dp2 · recompute`; what is not split is not named, so it may be empty. */
export function describeStrategy(run: Omit<LayerRun, 'first' | 'last' | 'name'>): string {
  return joined([
    degree('tp', run.tensor),
    run.sequenceParallel ? 'sp' : '',
    degree('fsdp', run.shards),
    degree('dp', run.replicas),
    run.recomputation === 'None' ? '' : 'recompute',
  ]);
}

/** The pipeline degree and the strategy of most layers, with their number where others differ. */
export function summarizePlan({ stages }: Pick<ParallelPlanSpec, 'stages'>): string {
  const layersOf = new Map<string, number>();
  for (const run of stages.flatMap(({ layers }) => layers)) {
    const strategy = describeStrategy(run);
    layersOf.set(strategy, (layersOf.get(strategy) ?? 0) + run.last - run.first + 1);
  }
  const all = [...layersOf.values()].reduce((sum, count) => sum + count, 0);
  const [[strategy, count] = ['', 0]] = [...layersOf].sort(([, one], [, other]) => other - one);
  const degrees = joined([degree('pp', stages.length), strategy]);
  const words = degrees === '' ? 'one GPU' : degrees;
  return count === all ? words : `${words} (${count} of ${all} layers)`;
}

function degree(name: string, value: number): string {
  return value === 1 ? '' : `${name}${value}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
