/** Spans too narrow to be seen, drawn as one. */
import type { ClosingSpan } from './timeline.ts';
import type { Span } from './simulate.ts';

export interface DrawnSpan {
  readonly kind: Span['kind'] | ClosingSpan['kind'];
  readonly stage: number;
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  /** Micro-batches, counted from 1: `3`, `5–12`; of a stage's chunks but the first with a letter, `3b`; empty where it is of none. */
  readonly label: string;
  /** Of the height of its row. Forward and backward passes that take turns share it. */
  readonly share: { readonly top: number; readonly bottom: number };
}

const WHOLE = { top: 0, bottom: 1 } as const;
const UPPER = { top: 0, bottom: 0.5 } as const;
const LOWER = { top: 0.5, bottom: 1 } as const;

/** Neighbours of a row that are each shorter than `least` seconds, and no further apart, are drawn as one. */
export function merged(spans: readonly (Span | ClosingSpan)[], least: number): readonly DrawnSpan[] {
  const rows = Map.groupBy(spans, ({ stage, kind }) => `${stage} ${kind === 'transfer'}`);
  return [...rows.values()].flatMap((row) =>
    runsOf(
      row.toSorted((one, other) => one.start - other.start),
      least,
    ).flatMap(drawn),
  );
}

function runsOf(row: readonly (Span | ClosingSpan)[], least: number): (Span | ClosingSpan)[][] {
  const runs: (Span | ClosingSpan)[][] = [];
  for (const span of row) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run !== undefined && before !== undefined && belong(before, span, least)) run.push(span);
    else runs.push([span]);
  }
  return runs;
}

function belong(before: Span | ClosingSpan, after: Span | ClosingSpan, least: number): boolean {
  const short = [before, after].every(({ start, end }) => end - start < least);
  const passes = [before, after].every(({ kind }) => kind !== 'reduction' && kind !== 'optimizer');
  return short && passes && after.start - before.end < least;
}

/** A run of one kind whole; of both kinds each in its half. */
function drawn(run: readonly (Span | ClosingSpan)[]): DrawnSpan[] {
  const kinds = Map.groupBy(run, ({ kind }) => kind);
  const [start] = extent(run.map((span) => span.start));
  const [, end] = extent(run.map((span) => span.end));
  return [...kinds].map(([kind, ofKind]) => ({
    kind,
    stage: ofKind[0]?.stage ?? 0,
    start,
    end,
    label: labelOf(ofKind),
    share: kinds.size === 1 ? WHOLE : kind === 'forward' ? UPPER : LOWER,
  }));
}

function labelOf(spans: readonly (Span | ClosingSpan)[]): string {
  const numbers = spans.flatMap((span) => ('microBatch' in span ? [span.microBatch + 1] : []));
  if (numbers.length === 0) return '';
  const [first, last] = extent(numbers);
  return first === last ? `${first}${chunkLetter(spans[0])}` : `${first}–${last}`;
}

/** The least and the largest; one by one, since there may be more than a call may have arguments. */
function extent(numbers: readonly number[]): readonly [least: number, most: number] {
  return numbers.reduce<[number, number]>(
    ([least, most], number) => [Math.min(least, number), Math.max(most, number)],
    [Infinity, -Infinity],
  );
}

function chunkLetter(span: Span | ClosingSpan | undefined): string {
  const chunk = span !== undefined && 'chunk' in span ? span.chunk : 0;
  return chunk === 0 ? '' : String.fromCharCode('a'.charCodeAt(0) + chunk);
}
