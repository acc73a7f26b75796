/** The end of a language model: logits over the vocabulary, and their loss. */
import type { KernelPair } from './kernels.ts';
import type { Operator } from './layer.ts';
import { elementwise, product } from './operators.ts';

interface HeadShape {
  readonly rows: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Cross entropy as the family's implementation computes it. */
  readonly loss: KernelPair;
  /** Whether the weight is that of the layer `embedding`. */
  readonly tied: boolean;
  readonly bias?: boolean;
}

/** A product split by the vocabulary, and the loss on its split result (Megatron-LM's vocabulary-parallel cross entropy). */
export function languageHead({ rows, hidden, vocabulary, loss, tied, bias = false }: HeadShape): readonly Operator[] {
  return [
    product('head', {
      input: 'head-input',
      rows,
      inner: hidden,
      columns: vocabulary,
      bias,
      split: 'columns',
      ...(tied ? { tiedTo: 'embedding' } : {}),
    }),
    elementwise('loss', loss, { elements: rows * vocabulary, region: 'tensor' }),
  ];
}
