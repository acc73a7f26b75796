import test from 'ava';
import fc from 'fast-check';
import { figureAt, isMeasured, type Figure, type Shape } from '../../../src/profile/measured/figure.ts';

const shape = (tensor: number, samples: number, sequenceParallel = false): Shape => ({
  tensor,
  samples,
  sequenceParallel,
});
const figure = (tensor: number, samples: number, value: number, sequenceParallel = false): Figure => ({
  ...shape(tensor, samples, sequenceParallel),
  value,
});

/** A catalogue that takes a start and as long for each sample; the layer is a quarter of what was measured together. */
const seconds = ({ tensor, samples }: Shape): number => 1 + samples / tensor;
const alone = { one: seconds, together: seconds };
const quarter = { one: seconds, together: (at: Shape) => 4 * seconds(at) };

const MEASURED = [figure(1, 1, 3), figure(1, 4, 9), figure(2, 2, 5, true)];

test('at a measured shape it is the measured figure, whatever the catalogue says', (t) => {
  const figures = fc.uniqueArray(
    fc.record({
      tensor: fc.constantFrom(1, 2, 4),
      samples: fc.integer({ min: 1, max: 64 }),
      value: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    }),
    { selector: ({ tensor, samples }) => `${tensor} ${samples}`, minLength: 1 },
  );
  fc.assert(
    fc.property(figures, (measured) =>
      measured.every(({ tensor, samples, value }) => {
        const all = measured.map((each) => figure(each.tensor, each.samples, each.value));
        return figureAt(all, shape(tensor, samples), alone) === value;
      }),
    ),
  );
  t.pass();
});

test('between two numbers of samples it is on the line between them', (t) => {
  t.is(figureAt(MEASURED, shape(1, 2), alone), 5);
  t.true(isMeasured(MEASURED, shape(1, 2)));
});

test('beyond, it is what the catalogue expects, at the pace of the nearest measured shape', (t) => {
  t.is(figureAt(MEASURED, shape(1, 8), alone), (9 / 5) * 9);
  t.is(figureAt(MEASURED, shape(4, 4, true), alone), 2 * (5 / 2));
  t.is(figureAt(MEASURED, shape(2, 2, false), alone), 5);
  for (const beyond of [shape(1, 8), shape(4, 4, true), shape(2, 2, false)]) t.false(isMeasured(MEASURED, beyond));
});

test('one rank alone is as it is, sequence-parallel or not', (t) => {
  t.is(figureAt(MEASURED, shape(1, 4, true), alone), 9);
});

test('of layers measured together a layer has the share that the catalogue expects', (t) => {
  t.is(figureAt(MEASURED, shape(1, 2), quarter), 5 / 4);
  t.is(figureAt(MEASURED, shape(1, 8), quarter), (9 / 5) * (9 / 4));
});

test('of what was not measured there is no figure', (t) => {
  t.is(figureAt([], shape(1, 1), alone), undefined);
});
