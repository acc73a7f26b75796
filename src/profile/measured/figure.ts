/** One measured quantity of some layers, at a few shapes, and what it is taken to be at others. */

/** What a figure of a layer depends on. */
export interface Shape {
  /** Tensor-parallel degree. */
  readonly tensor: number;
  readonly sequenceParallel: boolean;
  /** Samples of a micro-batch on a rank. */
  readonly samples: number;
}

export interface Figure extends Shape {
  /** Seconds or bytes. */
  readonly value: number;
}

/** What the catalogue says of one layer, and of all that were measured together. */
export interface Expected {
  readonly one: (shape: Shape) => number;
  readonly together: (shape: Shape) => number;
}

/**
 * The figure of one layer at any shape.
 *
 * - Between two measured numbers of samples, at a measured degree: on the line between them.
 * - Elsewhere, what the catalogue expects, times measured over expected at the nearest measured shape: nothing is drawn on
 *   beyond what was measured, but a device that was found slower than the catalogue has it is slower everywhere.
 * - Of layers that were measured together, the share that the catalogue expects.
 *
 * @returns undefined where nothing was measured
 */
export function figureAt(figures: readonly Figure[], shape: Shape, { one, together }: Expected): number | undefined {
  const between = interpolated(figures, shape);
  if (between !== undefined) {
    return between * share(one(shape), together(shape));
  }
  const near = nearest(figures, shape);
  return near && one(shape) * share(near.value, together(near));
}

/** Whether a figure at this shape is a measured one or lies between two. */
export function isMeasured(figures: readonly Figure[], shape: Shape): boolean {
  return interpolated(figures, shape) !== undefined;
}

/** Of equals exactly 1; of nothing, nothing. */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function interpolated(figures: readonly Figure[], { samples, ...layout }: Shape): number | undefined {
  const alike = figures.filter((figure) => sameLayout(figure, layout));
  const below = alike.filter((figure) => figure.samples <= samples).reduce(later, undefined);
  const above = alike.filter((figure) => figure.samples >= samples).reduce(earlier, undefined);
  if (below === undefined || above === undefined) {
    return undefined;
  }
  const weight = share(samples - below.samples, above.samples - below.samples);
  return below.value + weight * (above.value - below.value);
}

type Choice = (a: Figure | undefined, b: Figure) => Figure | undefined;

const later: Choice = (a, b) => (a === undefined || b.samples > a.samples ? b : a);
const earlier: Choice = (a, b) => (a === undefined || b.samples < a.samples ? b : a);

/** Nearest in tensor degree, then in sequence parallelism, then in samples. */
function nearest(figures: readonly Figure[], shape: Shape): Figure | undefined {
  const distance = (figure: Figure): readonly number[] => [
    Math.abs(Math.log2(figure.tensor / shape.tensor)),
    Number(!sameLayout({ ...figure, tensor: shape.tensor }, shape)),
    Math.abs(Math.log2(figure.samples / shape.samples)),
  ];
  return figures.toSorted((a, b) => inOrder(distance(a), distance(b))).at(0);
}

function inOrder(a: readonly number[], b: readonly number[]): number {
  return a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** One rank alone has nothing to be sequence-parallel with. */
function sameLayout(a: Omit<Shape, 'samples'>, b: Omit<Shape, 'samples'>): boolean {
  return a.tensor === b.tensor && (a.tensor === 1 || a.sequenceParallel === b.sequenceParallel);
}
