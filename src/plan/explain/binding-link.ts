/** Which link counts most for a plan, for people. */
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { Hardware } from '../../cost/hardware.ts';
import { stageSeconds, type Price, type TimeByCause } from '../../cost/price.ts';
import { groupLinks, mainRun, type GroupLinks } from '../group-links.ts';
import { CAUSES } from '../limited-by.ts';
import { formatShare } from '../units.ts';

/** Who exchanges for each cause; the first of these groups that a stage has. */
const EXCHANGES = {
  tensor: ['tensor'],
  sharding: ['shards'],
  transfer: ['pipeline'],
  data: ['replicas', 'shards'],
} as const satisfies Partial<Record<keyof TimeByCause, readonly GroupLinks['kind'][]>>;

const WHERE = {
  node: 'inside each node',
  'nvlink-domain': 'inside each NVLink domain',
  network: 'between nodes',
} as const;

/** Exchanges below this share of the step are not named. */
const WORTH_NAMING = 0.01;

/**
 * The link of the exchange that takes most of the step, as most layers of the slowest stage have it.
 *
 * @returns null where no exchange takes a hundredth of the step
 */
export function bindingLink(plan: ParallelPlanSpec, price: Price, hardware: Hardware): string | null {
  const seconds = price.stages.map(stageSeconds);
  const slowest = seconds.indexOf(Math.max(...seconds));
  const run = mainRun({ stages: plan.stages.slice(slowest, slowest + 1) });
  const links = run === undefined ? [] : groupLinks(plan, run, hardware);
  const exchanges = Object.entries(EXCHANGES).flatMap(([cause, kinds]) => {
    const share = price.time[cause as keyof typeof EXCHANGES] / price.stepSeconds; // its own keys
    const link = kinds.flatMap((kind) => links.find((each) => each.kind === kind) ?? []).at(0);
    return link === undefined || share < WORTH_NAMING
      ? []
      : [{ what: CAUSES[cause as keyof TimeByCause], share, tier: link.tier }];
  });
  const [most] = exchanges.toSorted((one, other) => other.share - one.share);
  if (most === undefined) return null;
  return `of the links most by ${most.tier.link.name} ${WHERE[most.tier.kind]}: ${most.what} over it, ${formatShare(most.share)} of the step`;
}
