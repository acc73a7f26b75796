import test from 'ava';
import { CONDITIONS, CONDITION_TYPES } from '../../src/api/conditions.ts';

test('every condition is listed', (t) => {
  t.deepEqual([...CONDITION_TYPES], Object.keys(CONDITIONS));
});
