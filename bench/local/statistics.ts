/** Numbers about numbers. */

/** Of at least one value, on the line between two neighbours where it falls between them. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (place - Math.floor(place)) * (above - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 1 / 2);
}

/** Width of the middle half as a share of the median. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 3 / 4) - quantile(values, 1 / 4)) / median(values);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Spearman's: the correlation of ranks, equal values having the mean of theirs. */
export function rankCorrelation(one: readonly number[], other: readonly number[]): number {
  return correlation(ranks(one), ranks(other));
}

function ranks(values: readonly number[]): readonly number[] {
  return values.map(
    (value) => values.filter((other) => other < value).length + values.filter((other) => other === value).length / 2,
  );
}

/** Pearson's. */
function correlation(one: readonly number[], other: readonly number[]): number {
  const product = (a: readonly number[], b: readonly number[]): number =>
    mean(a.map((value, index) => (value - mean(a)) * ((b[index] ?? 0) - mean(b))));
  return product(one, other) / Math.sqrt(product(one, one) * product(other, other));
}
