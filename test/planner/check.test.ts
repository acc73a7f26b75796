import test from 'ava';
import { InternalError } from '../../src/api/errors.ts';
import { checkAssignment } from '../../src/planner/check.ts';
import type { Assignment, Problem } from '../../src/planner/problem.ts';

/** Four layers, two stages, two strategies: the second is slower and leaner, and forbidden for the last layer. */
const problem: Problem = {
  stages: 2,
  microBatches: 3,
  boundaryWeight: 1,
  memoryLimit: [6, 6],
  layers: [1, 2, 3, Infinity].map((slow, index) => ({
    name: `layer${index}`,
    time: [[1, slow], [1, slow]],
    memory: [[3, 1], [3, 1]],
    buffers: [[index === 1 ? 1 : 0, index / 8], [0, 0]],
    perIteration: [[0.5, 0], [0.5, 0]],
  })), // prettier-ignore
  reshard: Array.from({ length: 3 }, () => [[0, 0.25], [0.25, 0]]), // prettier-ignore
  transfer: Array.from({ length: 3 }, () => [[1, 2], [2, 1]]), // prettier-ignore
};
const good: Assignment = { placement: [0, 0, 1, 1], strategy: [0, 1, 1, 0] };

test('a good plan is evaluated by the definitions', (t) => {
  t.deepEqual(checkAssignment(problem, good), {
    // p = 1 + 2 + 0.25 and 3 + 1 + 0.25, o = 1, (c − 1) · 4.25, e = 0.5.
    value: 3.25 + 4.25 + 1 + 2 * 4.25 + 0.5,
    stageTime: [3.25, 4.25],
    boundaryTime: [1],
    iterationTime: [0.5, 0.5],
    // Of stage 0, the larger buffer of two layers: 0 and 1/8.
    stageMemory: [4.125, 4],
  });
});

test('a boundary counts in the total as often as it weighs, and once as the slowest', (t) => {
  const { value } = checkAssignment({ ...problem, boundaryWeight: 5 }, good);
  t.is(value, 3.25 + 4.25 + 5 * 1 + 2 * 4.25 + 0.5);
  const slow = problem.transfer.map((matrix) => matrix.map((row) => row.map(() => 10)));
  t.is(checkAssignment({ ...problem, boundaryWeight: 5, transfer: slow }, good).value, 7.5 + 5 * 10 + 2 * 10 + 0.5);
});

const corrupted: [string, Partial<Assignment>, RegExp][] = [
  ['a layer too few', { placement: [0, 0, 1] }, /3 stages and 4 strategies for 4 layers/],
  ['a strategy too many', { strategy: [0, 1, 1, 0, 0] }, /4 stages and 5 strategies for 4 layers/],
  ['a strategy that is not there', { strategy: [0, 1, 2, 0] }, /layer 2 has no strategy 2/],
  ['a strategy below zero', { strategy: [-1, 1, 1, 0] }, /layer 0 has no strategy -1/],
  ['half a strategy', { strategy: [0.5, 1, 1, 0] }, /layer 0 has no strategy 0.5/],
  ['no number for a strategy', { strategy: [NaN, 1, 1, 0] }, /layer 0 has no strategy NaN/],
  ['stages in the wrong order', { placement: [1, 1, 0, 0] }, /the first layer sits in stage 1/],
  ['stages that are not contiguous', { placement: [0, 1, 0, 1] }, /layer 2 sits in stage 0 after stage 1/],
  ['a stage left out', { placement: [0, 0, 2, 2] }, /layer 2 sits in stage 2 after stage 0/],
  ['the last stage empty', { placement: [0, 0, 0, 0] }, /the last layer sits in stage 0, not 1/],
  ['a stage too many', { placement: [0, 0, 1, 2] }, /the last layer sits in stage 2, not 1/],
  ['no number for a stage', { placement: [0, NaN, 1, 1] }, /layer 1 sits in stage NaN/],
  ['too much memory', { placement: [0, 0, 0, 1], strategy: [0, 0, 0, 0] }, /stage 0 needs 10 of 6 bytes/],
  ['too large a buffer', { strategy: [0, 0, 1, 0] }, /stage 0 needs 7 of 6 bytes/],
  ['a forbidden strategy', { strategy: [0, 1, 1, 1] }, /what the tables forbid/],
];

for (const [what, change, message] of corrupted) {
  test(`a plan with ${what} is rejected`, (t) => {
    t.throws(() => checkAssignment(problem, { ...good, ...change }), { instanceOf: InternalError, message });
  });
}
