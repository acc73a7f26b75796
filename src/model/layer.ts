/**
 * A model as a chain of layers, and a layer as the operators that it runs: enough to count parameters, FLOP, saved
 * activations and what tensor parallelism must communicate. No GPU and no parallel degree is named here. All sizes are
 * for one sample (a sequence or an image). The counts are in the folder `counts`.
 */

/** A product with a weight matrix: [rows, inner] × [inner, columns]. */
export interface MatrixProduct {
  readonly kind: 'matrix-product';
  readonly name: string;
  /**
   * Name of the tensor that it multiplies. Products of a layer that read the same tensor name it alike: it is kept for the
   * backward pass once, and under tensor parallelism gathered, and its gradient reduced, once.
   */
  readonly input: string;
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
  /**
   * The split dimension consists of this many parts that stay whole (attention heads; else single columns). A rank holds
   * ⌈parts / degree⌉ of them: with more ranks than parts, ranks hold copies (key/value heads); with parts that the
   * degree does not divide, the weight is padded (the vocabulary).
   */
  readonly parts: number;
  /** The input is data (pixels), which needs no gradient. */
  readonly inputIsData: boolean;
  /** False where another layer keeps the input already (the encoder's output, read by every decoder layer). */
  readonly keepsInput: boolean;
  /** The weight is that of the layer of this name (tied embeddings); a bias is its own. */
  readonly tiedTo?: string;
}

/**
 * Scaled dot-product attention of queries over keys and values. Its output is counted by the product that reads it.
 * Blockwise (FlashAttention, arXiv 2205.14135) it keeps queries, keys, values and a 32-bit statistic per query and head.
 */
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
  /**
   * A learned bias is added to the scores (T5, Swin). PyTorch's FlashAttention takes none: eager PyTorch computes all scores
   * at 32 bits and keeps them.
   */
  readonly bias: boolean;
  /**
   * Its kernels write all scores to memory, as Megatron-LM does without FlashAttention: a batched product, a fused softmax, a
   * product with the values (arXiv 2205.05198, section 4.1).
   */
  readonly materialised: boolean;
  /** Some of the softmaxed scores are dropped. Where scores are kept, so are these and a mask; else only a random state. */
  readonly dropout: boolean;
}

/** What the kernels of an elementwise operator move and keep, in tensors of its size. */
export interface Kernels {
  /** Tensors read and written in the forward pass; a 32-bit tensor beside 16-bit activations counts as two. */
  readonly forwardTransfers: number;
  /** The same for the backward pass. */
  readonly backwardTransfers: number;
  /** Tensors kept for the backward pass at the precision of activations. */
  readonly saved: number;
  /** Tensors kept at 32 bits whatever the precision. */
  readonly savedFloat32: number;
  /** Tensors of one byte an element kept (dropout masks). */
  readonly savedMasks: number;
}

/** Anything that reads and writes tensors without a weight matrix: norms, activations, dropout, residuals, the loss. */
export interface Elementwise {
  readonly kind: 'elementwise';
  readonly name: string;
  /** Elements of one tensor, per sample. */
  readonly elements: number;
  /** Scales and shifts, held by every rank. */
  readonly parameters: number;
  /**
   * `tensor`: inside a tensor-parallel region, split by the tensor degree. `sequence`: between regions, whole on every rank
   * unless sequence parallelism splits it (arXiv 2205.05198).
   */
  readonly region: 'tensor' | 'sequence';
  /** One kernel for each operation that the Hugging Face implementation writes, as eager PyTorch runs it. */
  readonly eager: Kernels;
  /** One kernel for the whole operator, as Megatron-LM, Apex, Liger or a compiler provide it. */
  readonly fused: Kernels;
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
  /** The table is that of the layer of this name (T5's decoder reads the encoder's). */
  readonly tiedTo?: string;
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
  /** Unique in the model: `block.3`, `embedding`, `head`. */
  readonly name: string;
  /** Layers of one kind have equal operators (the same array): `block`. */
  readonly kind: string;
  readonly operators: readonly Operator[];
  /** Tensor-parallel degrees that the layer can run with, ascending, from 1. */
  readonly tensorDegrees: readonly number[];
  /** Elements per sample of the activation taken from the layer before; 0 for the first, which reads token ids or pixels. */
  readonly inputElements: number;
  /** Elements per sample of the activation handed to the next layer. */
  readonly outputElements: number;
  /**
   * Elements per sample that ride along to the next layer for a later one, and are sent across a stage boundary with the
   * output (and their gradient back): T5's encoder output, needed by every decoder layer. Where the boundary after this
   * layer is a stage boundary, the next stage keeps a copy of them until its backward pass.
   */
  readonly relayedElements: number;
}

export interface Model {
  /** For people: `llama-2-7b`, or the family with its size. */
  readonly name: string;
  readonly family: string;
  readonly layers: readonly Layer[];
  /** Tokens of a sample (T5: of the encoder, and as many of the decoder); null for images and for layers given by sizes. */
  readonly tokensPerSample: number | null;
  /** Parameters, tied ones once. */
  readonly parameters: number;
}
