import type { V1Node } from '@kubernetes/client-node';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { installPrometheusDefinitions } from './prometheus-operator.ts';

const ROOM = { cpu: '8', memory: '32Gi', pods: '110' };

const NODE: V1Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'cpu', labels: { 'kubernetes.io/os': 'linux' } }, // kwok takes no node without labels
  status: { capacity: ROOM, allocatable: ROOM },
};

/** A cluster that has all that the chart needs, and nothing of it: definitions are the whole cluster's, so tests cannot share one. */
export async function startFreshCluster(): Promise<ControlPlane> {
  const cluster = await startControlPlane();
  await cluster.apply([NODE]);
  await installPrometheusDefinitions(cluster);
  return cluster;
}
