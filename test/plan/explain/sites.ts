import type { TrainingJobSpec } from '../../../src/api/training-job.ts';
import type { Allocation } from '../../../src/cluster/topology.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { sitesOf, type Site } from '../../../src/plan/site.ts';
import { anAllocation } from '../../cost/builders.ts';
import { aJobSpec } from '../builders.ts';

/** A small Llama: 4 blocks of width 1024. */
const CONFIG = {
  model_type: 'llama',
  hidden_size: 1024,
  intermediate_size: 2816,
  num_hidden_layers: 4,
  num_attention_heads: 16,
  vocab_size: 32000,
  max_position_embeddings: 2048,
};

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
    buildModel({ config: CONFIG }, {}),
    [anAllocation(nodes, 4, allocation)],
  );
  if (site === undefined) throw new Error('no site');
  return site;
}
