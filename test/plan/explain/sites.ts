import type { TrainingJobSpec } from '../../../src/api/training-job.ts';
import type { Allocation } from '../../../src/cluster/topology.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { sitesOf, type Site } from '../../../src/plan/site.ts';
import { anAllocation } from '../../cost/builders.ts';
import { aJobSpec, SMALL_LLAMA } from '../builders.ts';

interface Wish {
  readonly nodes?: number;
  readonly planning?: Partial<TrainingJobSpec['planning']>;
  readonly allocation?: Partial<Allocation>;
}

/** Nodes of four A100. */
export function aSmallSite({ nodes = 1, planning, allocation }: Wish = {}): Site {
  const job = aJobSpec();
  const [site] = sitesOf(
    {
      training: { ...job.training, globalBatchSize: 32 },
      planning: { ...job.planning, zeroStages: [1, 2, 3], ...planning },
      profiles: {},
    },
    buildModel({ config: SMALL_LLAMA }, {}),
    [anAllocation(nodes, 4, allocation)],
  );
  if (site === undefined) throw new Error('no site');
  return site;
}
