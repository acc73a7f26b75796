/** The headless Service that gives the pods of a job their host names. */
import type { V1Service } from '@kubernetes/client-node';
import { LABEL } from '../api/group.ts';
import { MASTER_PORT } from './environment.ts';
import type { Job } from './gang.ts';
import { jobLabels, ownerReference } from './metadata.ts';
import { serviceName } from './names.ts';

/** Names resolve before the pods are ready: they become so only by finding one another. */
export function buildService(job: Job): V1Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName(job.name),
      namespace: job.namespace,
      labels: jobLabels(job),
      ownerReferences: [ownerReference(job)],
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: { [LABEL.jobUid]: job.uid },
      ports: [{ name: 'master', port: MASTER_PORT }],
    },
  };
}
