import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { problemOf, readInstances } from '../../src/planner/instance.ts';

const layer = { name: 'one', time: [1, 2], memory: [3, 4] };
const instance = {
  pipelineDegree: 2,
  microBatches: 4,
  memoryLimit: 5,
  layers: [layer, layer],
  reshard: [[0, 1], [1, 0]],
  transfer: [[1, 2], [2, 1]],
}; // prettier-ignore
const named = { name: 'small', instance };

test('an instance becomes a problem with one table for all stages and one matrix for all edges', (t) => {
  const [read] = readInstances([{ ...named, optimum: null }]);
  t.deepEqual(read && problemOf(read), {
    stages: 2,
    microBatches: 4,
    boundaryWeight: 1,
    memoryLimit: [5, 5],
    layers: [0, 1].map(() => ({
      name: 'one',
      time: [[1, 2], [1, 2]],
      memory: [[3, 4], [3, 4]],
      buffers: [[0, 0], [0, 0]],
      perIteration: [[0, 0], [0, 0]],
    })), // prettier-ignore
    reshard: [instance.reshard],
    transfer: [instance.transfer],
  });
});

test('buffers count where an instance has them', (t) => {
  const [read] = readInstances([
    { ...named, instance: { ...instance, layers: [{ ...layer, buffers: [5, 6] }, layer] } },
  ]);
  const buffers = read && problemOf(read).layers.map((each) => each.buffers);
  t.deepEqual(buffers, [[[5, 6], [5, 6]], [[0, 0], [0, 0]]]); // prettier-ignore
});

const bad: [string, unknown, string][] = [
  ['not an array', named, 'the file: must be array'],
  ['an entry that is no object', [named, 3], 'entry 1: must be object'],
  ['no name', [{ instance }], 'entry 0: must have required properties name'],
  ['an unknown field', [{ ...named, note: 'x' }], 'entry 0 ("small"): unknown field note'],
  [
    'an unknown field of the instance',
    [{ ...named, instance: { ...instance, pipelineDegre: 2 } }],
    'entry 0 ("small"): instance: unknown field pipelineDegre',
  ],
  [
    'half a stage',
    [{ ...named, instance: { ...instance, pipelineDegree: 1.5 } }],
    'entry 0 ("small"): instance.pipelineDegree: must be integer',
  ],
  [
    'no layers',
    [{ ...named, instance: { ...instance, layers: [] } }],
    'entry 0 ("small"): instance.layers: must not have fewer than 1 items',
  ],
  [
    'a negative time',
    [{ ...named, instance: { ...instance, layers: [layer, { ...layer, time: [1, -2] }] } }],
    'entry 0 ("small"): instance.layers[1].time[1]: must be >= 0',
  ],
  [
    'a time that is no number',
    [{ ...named, instance: { ...instance, layers: [{ ...layer, time: [1, null] }] } }],
    'entry 0 ("small"): instance.layers[0].time[1]: must be number',
  ],
  [
    'memory for too few strategies',
    [{ ...named, instance: { ...instance, layers: [layer, { ...layer, memory: [1] }] } }],
    'entry 0 ("small"): instance.layers[1].memory: has 1 entries; give 2, one a strategy, as instance.layers[0].time has',
  ],
  [
    'buffers for too few strategies',
    [{ ...named, instance: { ...instance, layers: [layer, { ...layer, buffers: [1] }] } }],
    'entry 0 ("small"): instance.layers[1].buffers: has 1 entries; give 2, one a strategy, as instance.layers[0].time has',
  ],
  [
    'a resharding matrix that is not square',
    [{ ...named, instance: { ...instance, reshard: [[0, 1], [1]] } }], // prettier-ignore
    'entry 0 ("small"): instance.reshard[1]: has 1 entries; give 2, one a strategy, as instance.layers[0].time has',
  ],
];

for (const [what, document, message] of bad) {
  test(`a file with ${what} is refused by name`, (t) => {
    t.throws(() => readInstances(document), { instanceOf: UserError, message });
  });
}
