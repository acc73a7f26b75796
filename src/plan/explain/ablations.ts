/** Searches with fewer choices: what each kind of parallelism is worth, and what a plan made by hand would reach at best. */
import type { Site } from '../site.ts';
import { type Change, replanned } from './change.ts';

type Planning = Site['workload']['planning'];

interface Family {
  readonly title: string;
  readonly parallelisms: Planning['parallelisms'];
  readonly choices?: Partial<Planning>;
}

/**
 * Those that leave the planner fewer choices than the job does. The paper's ablations (arXiv 2307.16375, section 4.3) are the
 * pipeline alone and no pipeline.
 */
export function ablations(site: Site): readonly Change[] {
  const { planning } = site.workload;
  return [...FAMILIES, ...insideNodes(site)]
    .filter(({ parallelisms }) => parallelisms.every((each) => planning.parallelisms.includes(each)))
    .filter(({ parallelisms, choices = {} }) => isNarrower({ ...choices, parallelisms }, planning))
    .map(({ title, parallelisms, choices }) => ({ title, site: replanned(site, { ...choices, parallelisms }) }));
}

const FAMILIES: readonly Family[] = [
  { title: 'pipeline alone (inter-layer only)', parallelisms: ['Pipeline'] },
  { title: 'no pipeline (intra-layer only)', parallelisms: ['Tensor', 'Data', 'FullySharded'] },
  { title: 'replicas alone (DDP)', parallelisms: ['Data'] },
  { title: 'fully sharded alone (FSDP)', parallelisms: ['FullySharded'], choices: { zeroStages: [3] } },
  { title: 'optimizer states sharded alone (ZeRO-1)', parallelisms: ['FullySharded'], choices: { zeroStages: [1] } },
  { title: 'tensor, data and pipeline, nothing sharded', parallelisms: ['Tensor', 'Data', 'Pipeline'] },
  {
    title: 'nothing recomputed',
    parallelisms: ['Tensor', 'Data', 'FullySharded', 'Pipeline'],
    choices: { recomputations: ['None'] },
  },
];

/** Every layer split over a node, the rest data parallelism. */
function insideNodes({ allocation: { gpusPerNode, nodes }, workload: { model } }: Site): readonly Family[] {
  const possible = model.layers.every(({ tensorDegrees }) => tensorDegrees.includes(gpusPerNode));
  if (gpusPerNode === 1 || !possible) return [];
  const across = nodes.length > 1 ? ', the rest data parallel' : '';
  return [
    {
      title: `tp${gpusPerNode} in each node${across}`,
      parallelisms: ['Tensor', 'Data', 'FullySharded'],
      choices: { tensorDegree: gpusPerNode },
    },
  ];
}

function isNarrower(choices: Partial<Planning>, planning: Planning): boolean {
  const { parallelisms = planning.parallelisms, zeroStages = planning.zeroStages } = choices;
  return (
    parallelisms.length < planning.parallelisms.length ||
    zeroStages.length < planning.zeroStages.length ||
    (choices.recomputations ?? planning.recomputations).length < planning.recomputations.length ||
    choices.tensorDegree !== planning.tensorDegree
  );
}
