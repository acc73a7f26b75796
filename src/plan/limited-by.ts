/** What limits a plan, for people: where the time of a step goes, and how full the fullest stage is. */
import type { Price, TimeByCause } from '../cost/price.ts';
import { stageBytes } from './stage-bytes.ts';
import { formatShare } from './units.ts';

/** Where the time of a step goes, for people. */
export const CAUSES: Readonly<Record<keyof TimeByCause, string>> = {
  computation: 'computation',
  tensor: 'tensor-parallel communication',
  sharding: 'gathering and scattering of sharded parameters',
  resharding: 'resharding between layers',
  bubble: 'pipeline bubble',
  transfer: 'transfer between stages',
  data: 'gradient reduction among replicas',
  optimizer: 'optimizer',
};

/** Causes below this share of the step are not named. */
const WORTH_NAMING = 0.05;

export function limitedBy(price: Price): string {
  const causes = Object.entries(CAUSES)
    .map(([cause, name]) => ({ name, share: price.time[cause as keyof TimeByCause] / price.stepSeconds }))
    .filter(({ share }) => share >= WORTH_NAMING)
    .sort((one, other) => other.share - one.share);
  const fullest = Math.max(...price.stages.map(stageBytes));
  const stage = price.stages.findIndex((each) => stageBytes(each) === fullest);
  const time = causes.map(({ name, share }) => `${name} ${formatShare(share)}`).join(', ');
  return `${time} of the step; memory of stage ${stage} is ${formatShare(fullest / price.usableBytes)} full`;
}
