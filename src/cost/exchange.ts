/** What is exchanged; `bytes` are those of the whole tensor on one rank: before a reduction, after a gathering. */
export interface Exchange {
  readonly kind: 'all-reduce' | 'all-gather' | 'reduce-scatter';
  readonly bytes: number;
}
