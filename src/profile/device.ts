import type { LinkName } from './links.ts';

/** Precision of computation. */
export type Precision = 'FP32' | 'FP16' | 'BF16';

/** A GPU by its vendor's figures; what programs reach of them is in {@link ./efficiency.ts}. */
export interface Device {
  /** Our name for it: `H100-SXM`. */
  readonly name: string;
  /** What product names have in common, in lower case: `h100`. */
  readonly family: string;
  /** How it is mounted, where one family comes in several forms: a product name that says another form is another device. */
  readonly form: 'SXM' | 'PCIe' | null;
  /** What the driver reports (`nvidia-smi`, GPU Feature Discovery's label, AMD's node labeller). Bytes. */
  readonly memoryBytes: number;
  /**
   * Peak rate of dense matrix products, accumulated at 32 bits. FLOP/s. FP32 is the rate without TF32, as PyTorch computes
   * unless told otherwise. A device without units for a precision computes at 32 bits: values are converted on the way.
   */
  readonly flopsPerSecond: Readonly<Record<Precision, number>>;
  /** Peak memory bandwidth. Bytes a second. */
  readonly memoryBytesPerSecond: number;
  /** Streaming multiprocessors or compute units: how many tiles of a matrix product run at once. */
  readonly multiprocessors: number;
  /** Share of the peak that the best-shaped matrix product reached, where somebody measured it. */
  readonly measuredMatrixEfficiency: number | null;
  /** Whether steady matrix products bring it to its power limit: {@link ./efficiency.ts}. */
  readonly powerBound: boolean;
  /** Share of the peak that FlashAttention-2 reached at best (arXiv 2307.08691, abstract and section 4.1). */
  readonly measuredAttentionEfficiency: number | null;
  /** How the GPUs of a node are connected, unless the node says otherwise. */
  readonly link: LinkName;
  /** Documents that the figures are from. */
  readonly source: string;
}
