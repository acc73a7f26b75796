import test from 'ava';
import { mean, median, quantile, rankCorrelation, spread } from '../../../bench/local/statistics.ts';

test('quantiles lie on the line between neighbours', (t) => {
  t.is(median([3, 1, 2]), 2);
  t.is(median([4, 1, 2, 3]), 2.5);
  t.is(quantile([10, 20, 30, 40, 50], 0.25), 20);
  t.is(spread([10, 20, 30, 40, 50]), 20 / 30);
  t.is(mean([1, 2, 6]), 3);
  t.throws(() => median([]), { instanceOf: RangeError });
});

test('the correlation of ranks sees the order alone', (t) => {
  t.is(rankCorrelation([1, 2, 3], [10, 100, 1000]), 1);
  t.is(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
  // One of two neighbours exchanged: 1 − 6 · 2 / (n · (n² − 1)).
  t.is(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 4]).toFixed(6), (1 - (6 * 2) / (4 * 15)).toFixed(6));
  // Equal values have the mean of their ranks: 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
  t.is(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4]).toFixed(6), (4.5 / Math.sqrt(4.5 * 5)).toFixed(6));
});
