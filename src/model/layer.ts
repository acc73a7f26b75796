/**
 * A model as a chain of layers, and a layer as the operators that it runs: enough to count parameters, FLOP, saved
 * activations and what tensor parallelism must communicate. No GPU and no parallel degree is named here. All sizes are
 * for one sample (a sequence or an image).
 */

/** A product with a weight matrix: [rows, inner] × [inner, columns]. */
export interface MatrixProduct {
  readonly kind: 'matrix-product';
  readonly name: string;
  /** Tokens (or patches) per sample. */
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly bias: boolean;
  /**
   * How tensor parallelism splits the weight (Megatron-LM, arXiv 1909.08053): by `columns` its input is whole on every rank
   * and the gradient of the input is reduced in the backward pass; by `inner` (rows of the weight) its output is reduced
   * in the forward pass; `none`: every rank computes all of it.
   */
  readonly split: 'columns' | 'inner' | 'none';
  /** Whether its input must be kept for the backward pass; false where another operator of the layer keeps the same tensor. */
  readonly savesInput: boolean;
  /** The weight is that of the layer of this name (tied embeddings). */
  readonly tiedTo?: string;
}

/** Scaled dot-product attention computed blockwise (FlashAttention, arXiv 2205.14135): keeps its inputs, output and row statistics. */
export interface Attention {
  readonly kind: 'attention';
  readonly name: string;
  /** Independent sequences in a sample: 1, or the number of windows (Swin). */
  readonly sequences: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDimension: number;
  readonly causal: boolean;
}

/** Anything that reads and writes tensors without a weight matrix: norms, activations, dropout, residuals, the loss. */
export interface Elementwise {
  readonly kind: 'elementwise';
  readonly name: string;
  /** Elements of one tensor, per sample. */
  readonly elements: number;
  /** Tensors of that size read and written in the forward pass. */
  readonly transfers: number;
  /** Tensors of that size kept for the backward pass at the precision of activations. */
  readonly saved: number;
  /** Tensors of that size kept at 32 bits whatever the precision (softmax of the loss). */
  readonly savedFloat32: number;
  readonly parameters: number;
  /**
   * `tensor`: inside a tensor-parallel region, split by the tensor degree. `sequence`: between regions, whole on every rank
   * unless sequence parallelism splits it (arXiv 2205.05198).
   */
  readonly region: 'tensor' | 'sequence';
}

/** A table of embeddings, split by its entries under tensor parallelism (its output is then reduced in the forward pass). */
export interface Lookup {
  readonly kind: 'lookup';
  readonly name: string;
  /** Tokens per sample. */
  readonly rows: number;
  readonly entries: number;
  readonly width: number;
  readonly split: 'entries' | 'none';
}

/** A layer given only by its sizes (`spec.model.layers`). */
export interface Opaque {
  readonly kind: 'opaque';
  readonly name: string;
  readonly parameters: number;
  readonly forwardFlops: number;
  readonly savedElements: number;
  /** Elements per sample reduced among tensor-parallel ranks in the forward pass and again in the backward pass. */
  readonly tensorElements: number;
}

export type Operator = MatrixProduct | Attention | Elementwise | Lookup | Opaque;

export interface Layer {
  /** Unique in the model: `encoder.3`, `embedding`, `head`. */
  readonly name: string;
  /** Layers of one kind have equal operators (the same array): `encoder-block`. */
  readonly kind: string;
  readonly operators: readonly Operator[];
  /** Tensor-parallel degrees that split every operator of the layer without remainder, ascending, from 1. */
  readonly tensorDegrees: readonly number[];
  /** Elements per sample of the activation handed to the next layer. */
  readonly outputElements: number;
  /**
   * Elements per sample that ride along to the next layer for a later one, and are sent across a stage boundary with the
   * output: T5's encoder output, needed by every decoder layer.
   */
  readonly relayedElements: number;
}

export interface Model {
  /** For people: `llama-2-7b`, or the family with its size. */
  readonly name: string;
  readonly family: string;
  readonly layers: readonly Layer[];
  /** Tokens of a sample; null for images. */
  readonly tokensPerSample: number | null;
  /** Parameters, tied ones once. */
  readonly parameters: number;
}
