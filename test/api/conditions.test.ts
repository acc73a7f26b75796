import test from 'ava';
import {
  CONDITIONS,
  CONDITION_TYPES,
  stateOf,
  type ConditionStatus,
  type ConditionType,
} from '../../src/api/conditions.ts';

type Row = readonly [ConditionType, ConditionStatus, string];

for (const [state, ...rows] of [
  ['Pending'],
  ['Solving', ['Planned', 'Unknown', 'Solving']],
  ['NoPlanFits', ['Planned', 'False', 'NoPlanFits'], ['Running', 'False', 'AwaitingPlan']],
  ['AwaitingApproval', ['Planned', 'True', 'Solved'], ['Running', 'False', 'AwaitingApproval']],
  ['Running', ['Planned', 'True', 'Solved'], ['Running', 'True', 'PodsRunning'], ['Suspended', 'False', 'Resumed']],
  [
    'Suspended',
    ['Planned', 'True', 'Solved'],
    ['Running', 'False', 'Suspended'],
    ['Suspended', 'True', 'SuspendRequested'],
  ],
  [
    'Succeeded',
    ['Running', 'False', 'Finished'],
    ['Succeeded', 'True', 'PodsSucceeded'],
    ['Planned', 'True', 'Solved'],
  ],
  ['Failed', ['Suspended', 'True', 'SuspendRequested'], ['Failed', 'True', 'DeadlineExceeded']],
] as readonly (readonly [string, ...Row[]])[]) {
  test(`a job is ${state} by ${rows.map((row) => row.join(' ')).join(', ') || 'no condition'}`, (t) => {
    t.is(stateOf(rows.map(([type, status, reason]) => ({ type, status, reason }))), state);
  });
}

test('every condition is listed', (t) => {
  t.deepEqual([...CONDITION_TYPES], Object.keys(CONDITIONS));
});
