/** Counts made by `count.py`, as the tests read them. */
import { readFileSync } from 'node:fs';
import Type from 'typebox';
import { Parse } from 'typebox/value';

const ReferenceLayer = Type.Object({
  parameters: Type.Number(),
  forwardFlops: Type.Number(),
  backwardFlops: Type.Number(),
  savedBytes: Type.Number(),
  forwardTraffic: Type.Number(),
  backwardTraffic: Type.Number(),
});

const References = Type.Object({
  models: Type.Record(
    Type.String(),
    Type.Object({
      config: Type.Record(Type.String(), Type.Unknown()),
      tokens: Type.Union([Type.Number(), Type.Null()]),
      parameters: Type.Number(),
      layers: Type.Record(Type.String(), ReferenceLayer),
    }),
  ),
});

export const REFERENCES = Parse(
  References,
  JSON.parse(readFileSync(new URL('counts.json', import.meta.url), 'utf8')),
).models;
