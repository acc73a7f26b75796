import test, { type ExecutionContext } from 'ava';
import type { PodTemplate } from '../../src/api/pod-template.ts';
import { buildConfigMap } from '../../src/plan/config-map.ts';
import type { Gang } from '../../src/plan/gang.ts';
import { baseName } from '../../src/plan/names.ts';
import { buildPods } from '../../src/plan/pods.ts';
import { buildService } from '../../src/plan/service.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { testNamespace } from '../cluster/namespace.ts';
import { aGang, aJob, aJobSpec, aPlan, aTemplate } from './builders.ts';

/** A job whose name and template strain what a pod may be. */
function strainedGang(namespace: string, changes: Partial<PodTemplate> = {}): Gang {
  const template = aTemplate({
    env: [
      { name: 'NCCL_DEBUG', value: 'INFO' },
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ],
    envFrom: [{ configMapRef: { name: 'settings', optional: true } }],
    requests: { cpu: '64', memory: '512Gi' },
    limits: { memory: '1Ti' },
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'dataset' } }],
    volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
    ...changes,
  });
  const job = aJob({ name: `70b.${'long-'.repeat(40)}name`, namespace, spec: aJobSpec({ template }) });
  return aGang({ job, plan: aPlan({ rdma: { resource: 'rdma/ib', quantity: 8 } }) });
}

/** Names of what the API server would create of a gang in a namespace that enforces the restricted standard. */
async function offer(t: ExecutionContext, template: Partial<PodTemplate> = {}): Promise<string[]> {
  const cluster = await sharedCluster();
  const namespace = await testNamespace(t, cluster);
  await cluster.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  const gang = strainedGang(namespace, template);
  const items = [buildConfigMap(gang, {}), buildService(gang.job), ...buildPods(gang)];
  const printed = await cluster.kubectl(
    ['apply', '--server-side', '--dry-run=server', '--output=name', '--filename=-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  );
  return printed.trim().split('\n');
}

test('a namespace that enforces the restricted standard takes the objects of a job', async (t) => {
  const base = baseName(strainedGang('any').job.name);
  t.deepEqual(await offer(t), [`configmap/${base}-1`, `service/${base}`, `pod/${base}-0`, `pod/${base}-1`]);
});

test('the same namespace refuses IPC_LOCK, which is why pods have it only where a template says so', async (t) => {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['IPC_LOCK'] } };
  await t.throwsAsync(offer(t, { securityContext }), { message: /unrestricted capabilities/ });
});
