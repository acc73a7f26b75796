/** The cores of this machine as the planner sees them. */
import { parseTrainingJob } from '../../src/api/parse.ts';
import { invariant } from '../../src/api/errors.ts';
import type { Allocation } from '../../src/cluster/topology.ts';
import { modelOf } from '../../src/plan/job-model.ts';
import { sitesOf, type Site } from '../../src/plan/site.ts';
import type { Profiles } from '../../src/profile/measured/read-profiles.ts';
import type { Case } from './cases.ts';

/** Cores of a server, of which the catalogue has one; what is measured counts before what it says. */
const DEVICE = 'EPYC-7763-core';

/** One node with a device for each rank. */
export function siteOf({ config, training, ranks }: Case, profiles: Profiles): Site {
  const { spec } = parseTrainingJob({
    apiVersion: 'uniap.dev/v1alpha1',
    kind: 'TrainingJob',
    metadata: { name: 'local' },
    spec: {
      model: { configMap: { name: 'local' } },
      training,
      planning: { sequenceParallel: false },
      resources: { gpus: ranks },
      template: { image: 'local' },
    },
  });
  const [site] = sitesOf({ ...spec, profiles }, modelOf(spec, config), [allocationOf(ranks)]);
  invariant(site, 'the catalogue knows the device');
  return site;
}

function allocationOf(gpus: number): Allocation {
  return {
    product: DEVICE,
    memoryBytes: null,
    resource: '',
    interconnect: 'pcie',
    fabric: null,
    rdma: null,
    gpusPerNode: gpus,
    nodeGpus: gpus,
    nodes: [{ name: 'local', gpus }],
    tiers: [{ kind: 'node', gpus, name: 'local' }],
  };
}
