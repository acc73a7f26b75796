import test, { type ExecutionContext } from 'ava';
import { decide, decideAfterRefusal } from '../../../src/operator/decide/decide.ts';
import type { Decision } from '../../../src/operator/decide/decision.ts';
import { aPlan } from '../../plan/builders.ts';
import { ago, aRunningState, aState, aStoredPod, NOW, type StateBuilder } from '../state-builder.ts';

interface Expected {
  /** `Kind name` of what is applied. */
  readonly apply?: readonly string[];
  /** `Kind name` of what is deleted. */
  readonly delete?: readonly string[];
  readonly planning?: Decision['planning'];
  /** Reasons of conditions in the new status, by type; only those named are compared. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** Fields of the new status; only those named are compared. */
  readonly status?: Readonly<Record<string, unknown>>;
  /** What a condition's message must match. */
  readonly messages?: Readonly<Record<string, RegExp>>;
  readonly events?: readonly string[];
  readonly requeueAfterSeconds?: number;
}

/** Decides and compares; what an expectation leaves out of orders must be absent from the decision. */
const decides = test.macro((t, state: StateBuilder, expected: Expected) => {
  const decision = decide(state.build());
  compareOrders(t, decision, expected);
  compareReports(t, decision, expected);
});

function compareOrders(t: ExecutionContext, decision: Decision, expected: Expected): void {
  t.deepEqual(decision.apply.map(named), [...(expected.apply ?? [])]);
  t.deepEqual(
    decision.delete.map(({ kind, name }) => `${kind} ${name}`),
    [...(expected.delete ?? [])],
  );
  t.is(decision.planning, expected.planning);
  t.is(decision.requeueAfterSeconds, expected.requeueAfterSeconds);
}

function compareReports(t: ExecutionContext, decision: Decision, expected: Expected): void {
  const { reasons = {}, messages = {}, status = {} } = expected;
  for (const [type, reason] of Object.entries(reasons)) t.is(conditionIn(decision, type).reason, reason);
  for (const [type, pattern] of Object.entries(messages)) t.regex(conditionIn(decision, type).message, pattern);
  for (const [field, value] of Object.entries(status)) t.deepEqual(Reflect.get({ ...decision.status }, field), value);
  const events = decision.events.map(({ type, reason }) => `${type} ${reason}`);
  t.deepEqual(events, [...(expected.events ?? events)]);
}

function named({ kind = '', metadata }: Decision['apply'][number]): string {
  return `${kind} ${metadata?.name ?? ''}`;
}

function conditionIn({ status }: Decision, wanted: string) {
  const condition = status?.conditions?.find(({ type }) => type === wanted);
  return condition ?? { reason: 'absent', status: 'absent', message: '', lastTransitionTime: 'absent' };
}

const OTHER_INPUTS = { kind: 'ready', config: { model_type: 'qwen2' } } as const;
const GONE_INPUTS = { kind: 'missing', message: 'there is no ConfigMap my-model' } as const;

const failedPod = aStoredPod(1, 'Failed', {
  status: {
    containerStatuses: [
      { name: 'trainer', state: { terminated: { exitCode: 137, reason: 'OOMKilled', message: 'out of memory' } } },
    ],
  },
});

// Planning

test('a new job: its plan is searched for', decides, aState(), {
  planning: 'start',
  reasons: { Planned: 'Solving', Running: 'AwaitingPlan' },
  status: { state: 'Solving', planningStartTime: new Date(NOW).toISOString(), observedGeneration: 1 },
  events: ['Normal Solving'],
});
test(
  'a search that goes on is waited for',
  decides,
  aState()
    .planner({ kind: 'solving' })
    .status({ planningStartTime: ago(5) }),
  { reasons: { Planned: 'Solving' }, status: { planningStartTime: ago(5) } },
);
test(
  'a plan that was found is recorded with its ConfigMap',
  decides,
  aState().planner({ kind: 'planned', plan: aPlan() }),
  { apply: ['ConfigMap llama-1', 'ParallelPlan llama-1'], planning: 'discard' },
);
test(
  'a second plan gets the next free revision',
  decides,
  aState().planner({ kind: 'planned', plan: aPlan() }).with({ nextRevision: 4 }),
  { apply: ['ConfigMap llama-4', 'ParallelPlan llama-4'], planning: 'discard' },
);
test(
  'a job that cannot be planned says why',
  decides,
  aState().planner({ kind: 'unplanned', reason: 'NotEnoughGPUs', message: 'needs 16, 11 are free' }),
  {
    reasons: { Planned: 'NotEnoughGPUs', Running: 'AwaitingPlan' },
    messages: { Planned: /needs 16, 11 are free/ },
    status: { state: 'NotEnoughGPUs', plan: undefined },
    events: ['Warning NotEnoughGPUs'],
  },
);
test(
  'an object that the job names and that is missing is looked for again',
  decides,
  aState().with({ inputs: { kind: 'missing', message: 'no ConfigMap my-model' } }),
  {
    reasons: { Planned: 'NotFound' },
    messages: { Planned: /my-model/ },
    planning: 'discard',
    requeueAfterSeconds: 10,
  },
);
test(
  'a job that was edited while it was suspended gets another plan',
  decides,
  aState().planned().choices({ tensorDegree: 8 }).condition('Suspended', 'SuspendRequested'),
  { planning: 'start', reasons: { Planned: 'Solving', Suspended: 'Resumed' } },
);

test(
  'a job whose ConfigMap or ParallelPlan has other content after a suspension gets another plan',
  decides,
  aState().planned().with({ inputs: OTHER_INPUTS }).condition('Suspended', 'SuspendRequested'),
  { planning: 'start', reasons: { Planned: 'Solving', Suspended: 'Resumed' } },
);
test(
  'a planned job goes on without what it names once it is planned',
  decides,
  aState().planned().with({ inputs: GONE_INPUTS }),
  { apply: ['Pod llama-0', 'Pod llama-1'], planning: 'discard' },
);

// Review

test('a plan to be reviewed waits', decides, aState().choices({ review: true }).planned(), {
  planning: 'discard',
  reasons: { Planned: 'Supplied', Running: 'AwaitingApproval' },
  messages: { Running: /approvedRevision to 1/ },
  status: { state: 'AwaitingApproval' },
});
test(
  'an approval of an earlier revision is none',
  decides,
  aState().choices({ review: true, approvedRevision: 1 }).planned().planned(),
  { planning: 'discard', reasons: { Running: 'AwaitingApproval' }, messages: { Running: /revision 2/ } },
);
test('the time of a review is not the time of a job that was measured', (t) => {
  const state = aState().choices({ review: true }).planned();
  t.is(decide(state.status({ startTime: ago(60) }).build()).status?.startTime, undefined);
});
test('an approved plan starts', decides, aState().choices({ review: true, approvedRevision: 1 }).planned(), {
  apply: ['Pod llama-0', 'Pod llama-1'],
  planning: 'discard',
  reasons: { Running: 'AwaitingPods' },
});

test('a second plan is told of, and not the first once more', (t) => {
  const plan = aPlan({ microBatches: 16 });
  const state = aState()
    .planned()
    .with({ obstacles: ['node-0: lost'] })
    .planner({ kind: 'planned', plan });
  const [event] = decide(state.condition('Planned', 'Solving').build()).events;
  t.like(event, { reason: 'Supplied' });
  t.regex(event?.message ?? '', /^Revision 2: .*16 micro-batches/);
});

// Creation

test(
  'a planned job gets its objects',
  decides,
  aState()
    .planned()
    .with({ present: { service: false, configMap: false } }),
  {
    apply: ['Service llama', 'ConfigMap llama-1', 'Pod llama-0', 'Pod llama-1'],
    planning: 'discard',
    reasons: { Planned: 'Supplied', Running: 'AwaitingPods' },
    status: { startTime: new Date(NOW).toISOString(), restarts: 0 },
  },
);
test('only the pods that are missing are made', decides, aState().planned().pods('Pending'), {
  apply: ['Pod llama-1'],
  planning: 'discard',
  reasons: { Running: 'AwaitingPods' },
});
test(
  'a plan whose nodes are taken is replaced before anything starts',
  decides,
  aState()
    .planned()
    .with({ obstacles: ['node-0: 4 of 8 GPUs free'] }),
  { planning: 'start', reasons: { Planned: 'Solving' }, messages: { Planned: /revision 1 .*4 of 8 GPUs free/ } },
);
test(
  'a gang that was partly made is completed whatever its nodes look like now',
  decides,
  aState()
    .planned()
    .pods('Pending')
    .with({ obstacles: ['node-0: 0 of 8 GPUs free'] }),
  { apply: ['Pod llama-1'], planning: 'discard' },
);
test(
  'a Service deleted by hand is made again',
  decides,
  aRunningState().with({ present: { service: false, configMap: true } }),
  { apply: ['Service llama'] },
);

const withoutConfigMap = { present: { service: true, configMap: false } };
test(
  'a ConfigMap deleted by hand is made again from what the plan was made from',
  decides,
  aState().planned().pods('Pending', 'Pending').with(withoutConfigMap),
  { apply: ['ConfigMap llama-1'] },
);
for (const [inputs, why] of [
  [OTHER_INPUTS, /ConfigMap llama-1 is gone .*: what the job names has changed/],
  [GONE_INPUTS, /ConfigMap llama-1 is gone .*: there is no ConfigMap my-model/],
] as const) {
  test(
    `and not from anything else, without which no pod starts: ${why}`,
    decides,
    aState().planned().pods('Pending').with(withoutConfigMap).with({ inputs }),
    { reasons: { Running: 'AwaitingPods' }, messages: { Running: why }, requeueAfterSeconds: 10 },
  );
  test(`which pods that run do without: ${why}`, decides, aRunningState().with(withoutConfigMap).with({ inputs }), {
    reasons: { Running: 'PodsRunning' },
  });
}

// Running

test(
  'pods that all run',
  decides,
  aState()
    .planned()
    .pods('Running', 'Running')
    .status({ startTime: ago(60) }),
  {
    reasons: { Running: 'PodsRunning' },
    status: { state: 'Running', startTime: ago(60), pods: { desired: 2, ready: 0, succeeded: 0, failed: 0 } },
    events: ['Normal Supplied', 'Normal PodsRunning'],
  },
);
test(
  'a pod that cannot be scheduled says why',
  decides,
  aState()
    .planned()
    .withPods(
      aStoredPod(0, 'Running'),
      aStoredPod(1, 'Pending', {
        status: {
          conditions: [
            { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/4 nodes are available' },
          ],
        },
      }),
    ),
  {
    reasons: { Running: 'AwaitingPods' },
    messages: { Running: /1 of 2 pods run; llama-1: Unschedulable: 0\/4 nodes are available/ },
  },
);
test(
  'a pod whose image cannot be pulled says so',
  decides,
  aState()
    .planned()
    .withPods(
      ...[0, 1].map((rank) =>
        aStoredPod(rank, 'Pending', {
          status: {
            containerStatuses: [
              { name: 'trainer', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling' } } },
            ],
          },
        }),
      ),
    ),
  { messages: { Running: /0 of 2 pods run; llama-0, llama-1: ImagePullBackOff: Back-off pulling/ } },
);
test(
  'a job that was suspended, edited and resumed before anybody looked: the pods of the plan before go',
  decides,
  aRunningState().choices({ tensorDegree: 8 }),
  { delete: ['Pod llama-0', 'Pod llama-1'], reasons: { Running: 'AwaitingPods' }, status: { restarts: 0 } },
);
test(
  'and are no failure where the plan of the job as it is now is there already',
  decides,
  aRunningState().choices({ tensorDegree: 8 }).planned(),
  { delete: ['Pod llama-0', 'Pod llama-1'], reasons: { Running: 'AwaitingPods' }, status: { restarts: 0 } },
);
test(
  'and may end as they like meanwhile',
  decides,
  aRunningState()
    .choices({ tensorDegree: 8 })
    .planned()
    .with({ pods: [failedPod, aStoredPod(0, 'Running', { terminating: true })] }),
  { delete: ['Pod llama-1'], reasons: { Running: 'AwaitingPods' }, status: { restarts: 0 } },
);
test(
  'pods run on whatever becomes of the objects that the job names',
  decides,
  aRunningState().with({ inputs: OTHER_INPUTS }),
  { reasons: { Running: 'PodsRunning' } },
);

// Completion

test('a job whose pods all succeeded', decides, aState().planned().pods('Succeeded', 'Succeeded'), {
  planning: 'discard',
  reasons: { Succeeded: 'PodsSucceeded', Running: 'Finished' },
  status: { state: 'Succeeded', completionTime: new Date(NOW).toISOString() },
  events: ['Normal Supplied', 'Normal PodsSucceeded'],
});
test('a pod that succeeded waits for the others', decides, aState().planned().pods('Succeeded', 'Running'), {
  reasons: { Running: 'PodsRunning' },
});

// Failure

test(
  'a pod that fails is counted, and nothing is deleted before the count is stored',
  decides,
  aRunningState().with({ pods: [aStoredPod(0, 'Running'), failedPod] }),
  {
    reasons: { Running: 'Restarting' },
    messages: {
      Running: /^Restart 1 of 3: pod llama-1 on node node-1 failed: exit code 137 \(OOMKilled\): out of memory/,
    },
    status: { restarts: 1, state: 'Restarting' },
    events: ['Normal Supplied', 'Warning Restarting'],
  },
);
test(
  'pods of the attempt before go first',
  decides,
  aRunningState()
    .with({ pods: [aStoredPod(0, 'Running'), failedPod] })
    .status({ restarts: 1 })
    .condition('Running', 'Restarting', 'Restart 1 of 3: because'),
  { delete: ['Pod llama-0', 'Pod llama-1'], reasons: { Running: 'Restarting' }, messages: { Running: /because/ } },
);
test(
  'no pod is made while one of the attempt before is there',
  decides,
  aState()
    .planned()
    .withPods(aStoredPod(0, 'Running', { terminating: true }))
    .status({ restarts: 1 })
    .condition('Running', 'Restarting'),
  { reasons: { Running: 'Restarting' } },
);
test(
  'the next attempt starts when all are gone',
  decides,
  aState()
    .planned()
    .status({ restarts: 1, startTime: ago(60) })
    .condition('Running', 'Restarting'),
  {
    apply: ['Pod llama-0', 'Pod llama-1'],
    planning: 'discard',
    reasons: { Running: 'AwaitingPods' },
    status: { restarts: 1, startTime: ago(60) },
  },
);
test(
  'the restarts that are allowed are all',
  decides,
  aRunningState()
    .runPolicy({ backoffLimit: 0 })
    .with({ pods: [aStoredPod(0, 'Running'), failedPod] }),
  {
    delete: ['Pod llama-0'],
    planning: 'discard',
    reasons: { Failed: 'BackoffLimitExceeded', Running: 'Finished' },
    messages: { Failed: /0 of 0 restarts: pod llama-1/ },
    status: { state: 'Failed', completionTime: new Date(NOW).toISOString() },
    events: ['Normal Supplied', 'Warning BackoffLimitExceeded'],
  },
);
test(
  'a pod that is deleted under a running gang is a failure',
  decides,
  aRunningState().with({ pods: [aStoredPod(0, 'Running')] }),
  { reasons: { Running: 'Restarting' }, messages: { Running: /node rank 1 was deleted/ }, status: { restarts: 1 } },
);
test(
  'a pod that is evicted is a failure that says by whom',
  decides,
  aRunningState().with({
    pods: [
      aStoredPod(0, 'Running'),
      aStoredPod(1, 'Running', {
        terminating: true,
        status: {
          conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'drain' }],
        },
      }),
    ],
  }),
  { messages: { Running: /llama-1 is being deleted \(EvictionByEvictionAPI: drain\)/ }, status: { restarts: 1 } },
);
test(
  'a pod that goes before all run is no failure',
  decides,
  aState()
    .planned()
    .withPods(aStoredPod(0, 'Pending'), aStoredPod(1, 'Pending', { terminating: true })),
  { reasons: { Running: 'AwaitingPods' }, messages: { Running: /Waiting for pods to go: llama-1/ } },
);
test(
  'a pod on a node that does not answer is waited for, and what would help is said',
  decides,
  aState()
    .planned()
    .condition('Running', 'Restarting', 'Restart 1 of 3: pod llama-0 failed')
    .status({ restarts: 1 })
    .withPods(aStoredPod(1, 'Running', { terminating: true }))
    .silent('node-1', 'node-7'),
  {
    reasons: { Running: 'AwaitingPods' },
    messages: {
      Running: /to go: llama-1\. No answer from node-1: .* tainted with node\.kubernetes\.io\/out-of-service=/,
    },
  },
);
test(
  'pods of a plan that was deleted by hand go, and another plan is made afterwards',
  decides,
  aState().pods('Running', 'Running'),
  { delete: ['Pod llama-0', 'Pod llama-1'], reasons: { Running: 'AwaitingPods' } },
);

// Suspension

const aResumedState = () =>
  aState().planned().condition('Suspended', 'SuspendRequested').condition('Running', 'Suspended');

test(
  'a job that is suspended loses its pods and keeps its plan',
  decides,
  aRunningState().runPolicy({ suspend: true }),
  {
    delete: ['Pod llama-0', 'Pod llama-1'],
    planning: 'discard',
    reasons: { Suspended: 'SuspendRequested', Running: 'Suspended', Planned: 'Supplied' },
    status: { state: 'Suspended', startTime: undefined },
    events: ['Normal Supplied', 'Normal SuspendRequested'],
  },
);
test(
  'a job that is resumed waits for the pods of before to go',
  decides,
  aState()
    .planned()
    .withPods(aStoredPod(0, 'Running', { terminating: true }))
    .condition('Suspended', 'SuspendRequested')
    .condition('Running', 'Suspended'),
  { reasons: { Suspended: 'Resumed', Running: 'AwaitingPods' } },
);
test(
  'pods that suspension has ended say nothing of the job that is resumed: those that failed',
  decides,
  aResumedState().withPods(
    aStoredPod(0, 'Failed', { terminating: true }),
    aStoredPod(1, 'Running', { terminating: true }),
  ),
  { reasons: { Running: 'AwaitingPods' }, status: { restarts: 0 } },
);
test(
  'pods that suspension has ended say nothing of the job that is resumed: those that succeeded',
  decides,
  aResumedState().withPods(
    aStoredPod(0, 'Succeeded', { terminating: true }),
    aStoredPod(1, 'Succeeded', { terminating: true }),
  ),
  { reasons: { Running: 'AwaitingPods', Succeeded: 'absent' } },
);
test(
  'a job that is suspended has not succeeded where its pods end well when they are told to',
  decides,
  aResumedState()
    .runPolicy({ suspend: true })
    .withPods(aStoredPod(0, 'Succeeded', { terminating: true }), aStoredPod(1, 'Succeeded', { terminating: true })),
  { planning: 'discard', reasons: { Running: 'Suspended', Succeeded: 'absent' } },
);
test(
  'a pod that fails by itself before all run is a failure',
  decides,
  aState().planned().withPods(aStoredPod(0, 'Pending'), aStoredPod(1, 'Failed')),
  { reasons: { Running: 'Restarting' }, status: { restarts: 1 } },
);
test(
  'a job that is resumed starts by the plan it has',
  decides,
  aState().planned().condition('Suspended', 'SuspendRequested').condition('Running', 'Suspended'),
  {
    apply: ['Pod llama-0', 'Pod llama-1'],
    planning: 'discard',
    reasons: { Suspended: 'Resumed', Running: 'AwaitingPods' },
    status: { startTime: new Date(NOW).toISOString() },
  },
);

// Deadline and time to live

test(
  'a job with a deadline is looked at when it passes',
  decides,
  aRunningState().runPolicy({ activeDeadlineSeconds: 90 }),
  {
    reasons: { Running: 'PodsRunning' },
    requeueAfterSeconds: 30,
  },
);
test('a job past its deadline fails', decides, aRunningState().runPolicy({ activeDeadlineSeconds: 60 }), {
  delete: ['Pod llama-0', 'Pod llama-1'],
  planning: 'discard',
  reasons: { Failed: 'DeadlineExceeded', Running: 'Finished' },
  requeueAfterSeconds: 0,
});
const succeeded = () =>
  aState()
    .planned()
    .pods('Succeeded', 'Succeeded')
    .condition('Succeeded', 'PodsSucceeded')
    .status({ completionTime: ago(60), startTime: ago(600) });
test('a finished job stays', decides, succeeded().runPolicy({ activeDeadlineSeconds: 1 }), { planning: 'discard' });
test(
  'a finished job whose time to live is not over',
  decides,
  succeeded().runPolicy({ ttlSecondsAfterFinished: 100 }),
  {
    planning: 'discard',
    requeueAfterSeconds: 40,
  },
);
test('a finished job whose time to live is over', decides, succeeded().runPolicy({ ttlSecondsAfterFinished: 60 }), {
  delete: ['TrainingJob llama'],
  planning: 'discard',
});
test(
  'a failed job keeps the pods that ended and no other',
  decides,
  aState().planned().pods('Failed', 'Running').condition('Failed', 'BackoffLimitExceeded'),
  { delete: ['Pod llama-1'], planning: 'discard' },
);
test('a job that is being deleted is left alone', decides, aRunningState().deleted(), { planning: 'discard' });

// Whatever the policy

test('a status that is right already is not written, and a condition keeps its time', (t) => {
  const state = aState().planned().pods('Running', 'Running');
  const first = decide(state.build());
  t.truthy(first.status);
  const again = decide(state.status(first.status ?? {}).build());
  t.is(again.status, undefined);
  t.deepEqual(again.events, []);
  const later = decide(state.with({ now: NOW + 60_000, pods: [aStoredPod(0, 'Running')] }).build());
  t.is(conditionIn(later, 'Planned').lastTransitionTime, conditionIn(first, 'Planned').lastTransitionTime);
});

test('an object that the API server refuses is reported', (t) => {
  const decision = decideAfterRefusal(aState().planned().build(), 'exceeded quota');
  t.like(conditionIn(decision, 'Running'), { reason: 'ObjectsRefused', status: 'False', message: 'exceeded quota' });
  t.deepEqual(decision.apply, []);
});

test('deletes name the one object that was seen', (t) => {
  const [first] = decide(aRunningState().runPolicy({ suspend: true }).build()).delete;
  t.deepEqual(first, { apiVersion: 'v1', kind: 'Pod', namespace: 'research', name: 'llama-0', uid: 'pod-0-0' });
});
