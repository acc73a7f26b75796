import test from 'ava';
import { merged } from '../../../src/plan/report/timeline/merge.ts';
import type { Span } from '../../../src/plan/report/timeline/simulate.ts';

function span(kind: Span['kind'], microBatch: number, start: number, end: number): Span {
  return { kind, stage: 0, chunk: 0, microBatch, start, end };
}

test('what is long enough stays as it is', (t) => {
  const spans = [span('forward', 0, 0, 2), span('backward', 0, 2, 6)];
  t.deepEqual(
    merged(spans, 1).map(({ kind, start, end, label }) => [kind, start, end, label]),
    [
      ['forward', 0, 2, '1'],
      ['backward', 2, 6, '1'],
    ],
  );
});

test('neighbours that are too short become one, but not over a gap', (t) => {
  const spans = [span('forward', 0, 0, 1), span('forward', 1, 1, 2), span('forward', 2, 9, 10)];
  t.deepEqual(
    merged(spans, 3).map(({ start, end, label, share }) => [start, end, label, share.bottom]),
    [
      [0, 2, '1–2', 1],
      [9, 10, '3', 1],
    ],
  );
});

test('passes that take turns share the height of their row', (t) => {
  const spans = [
    span('forward', 3, 0, 1),
    span('backward', 0, 1, 2),
    span('forward', 4, 2, 3),
    span('backward', 1, 3, 4),
  ];
  t.deepEqual(
    merged(spans, 3).map(({ kind, start, end, label, share }) => [kind, start, end, label, share]),
    [
      ['forward', 0, 4, '4–5', { top: 0, bottom: 0.5 }],
      ['backward', 0, 4, '1–2', { top: 0.5, bottom: 1 }],
    ],
  );
});
