import test from 'ava';
import { type Pipeline, passesOf } from '../../../src/plan/report/timeline/order.ts';

function written(pipeline: Partial<Pipeline>, stage: number): string {
  const whole = { schedule: '1F1B', stages: 4, microBatches: 6, chunks: 1, ...pipeline } as const;
  return passesOf(whole, stage)
    .map(({ kind, microBatch, chunk }) => `${kind === 'forward' ? 'F' : 'B'}${microBatch}${'ab'.charAt(chunk)}`)
    .join(' ')
    .replaceAll(whole.chunks === 1 ? 'a' : ' -', '');
}

test('1F1B warms up with as many forward passes as stages lie behind', (t) => {
  t.is(written({}, 0), 'F0 F1 F2 F3 B0 F4 B1 F5 B2 B3 B4 B5');
  t.is(written({}, 3), 'F0 B0 F1 B1 F2 B2 F3 B3 F4 B4 F5 B5');
  t.is(written({ microBatches: 2 }, 0), 'F0 F1 B0 B1');
});

test('GPipe does all forward passes first', (t) => {
  t.is(written({ schedule: 'GPipe', microBatches: 3 }, 2), 'F0 F1 F2 B0 B1 B2');
});

test('interleaved 1F1B passes pp micro-batches through one chunk after another', (t) => {
  const pipeline = { schedule: 'Interleaved1F1B', stages: 2, microBatches: 4, chunks: 2 } as const;
  // Two warm-up passes for each stage behind, and pp for each chunk but one (Narayanan et al. 2021, figure 4).
  t.is(written(pipeline, 0), 'F0a F1a F0b F1b F2a B0b F3a B1b F2b B0a F3b B1a B2b B3b B2a B3a');
  t.is(written(pipeline, 1), 'F0a F1a F0b B0b F1b B1b F2a B0a F3a B1a F2b B2b F3b B3b B2a B3a');
});
