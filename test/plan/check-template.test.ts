import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import type { PodTemplate } from '../../src/api/training-job.ts';
import { checkTemplate } from '../../src/plan/check-template.ts';
import { aTemplate } from './builders.ts';

const resources = { gpuResource: 'nvidia.com/gpu', rdma: { resource: 'rdma/ib', quantity: 8 } };

const faults: readonly [Partial<PodTemplate>, string][] = [
  [
    { env: [{ name: 'A' }, { name: 'WORLD_SIZE', value: '8' }] },
    'spec.template.env: WORLD_SIZE is set by the plan; remove it or use another name',
  ],
  [
    { volumes: [{ name: 'uniap-plan', emptyDir: {} }] },
    'spec.template.volumes: uniap-plan is in every pod; use another name',
  ],
  [
    { volumeMounts: [{ name: 'shm', mountPath: '/dev/shm/' }] },
    'spec.template.volumeMounts: /dev/shm is in every pod; size it by sharedMemory',
  ],
  [
    { volumeMounts: [{ name: 'etc', mountPath: '/etc/uniap' }] },
    'spec.template.volumeMounts: /etc/uniap holds the plan; mount elsewhere',
  ],
  [{ labels: { 'uniap.dev/job': 'x' } }, 'spec.template.labels: uniap.dev/job is set by the operator; remove it'],
  [
    { annotations: { 'uniap.dev/groups': 'x' } },
    'spec.template.annotations: uniap.dev/groups is set by the operator; remove it',
  ],
  [
    { limits: { memory: '1Ti', 'nvidia.com/gpu': '8' } },
    'spec.template.limits: nvidia.com/gpu is set by the plan; remove it',
  ],
  [{ requests: { 'rdma/ib': '8' } }, 'spec.template.requests: rdma/ib is set by the plan; remove it'],
];

for (const [template, message] of faults) {
  test(message, (t) => {
    t.throws(
      () => {
        checkTemplate(aTemplate(template), resources);
      },
      { instanceOf: UserError, message },
    );
  });
}

test('what the plan does not set may be set', (t) => {
  t.notThrows(() => {
    checkTemplate(
      aTemplate({
        labels: { 'example.com/uniap.dev': 'x' },
        env: [{ name: 'PET_MAX_RESTARTS', value: '0' }],
        limits: { memory: '1Ti' },
        volumes: [{ name: 'data', emptyDir: {} }],
        volumeMounts: [{ name: 'data', mountPath: '/dev/shm/data' }],
      }),
      resources,
    );
  });
});
