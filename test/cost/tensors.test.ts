import test from 'ava';
import { tensorBytes } from '../../src/cost/tensors.ts';
import { attention } from '../../src/model/attention.ts';
import { layerNorm } from '../../src/model/operators.ts';

const SHAPE = { rows: 512, hidden: 256, heads: 8, keyValueHeads: 8, headDimension: 32 };
const OPTIONS = { tensorDegree: 2, sequenceParallel: false, bytesPerElement: 2, samples: 3 } as const;

function layer(changes: Partial<Parameters<typeof attention>[0]> = {}) {
  const operators = [
    layerNorm('norm', SHAPE.rows, SHAPE.hidden),
    ...attention({ ...SHAPE, inputBias: false, outputBias: false, causal: true, ...changes }),
  ];
  const elements = SHAPE.rows * SHAPE.hidden;
  return {
    name: 'block',
    kind: 'block',
    operators,
    tensorDegrees: [1, 2],
    inputElements: elements,
    outputElements: elements,
    relayedElements: 0,
  };
}

test('the largest tensor of a layer is there with its gradient, for all samples', (t) => {
  t.is(tensorBytes(layer(), { ...OPTIONS, kernels: 'fused' }), 2 * 2 * 3 * 512 * 256);
});

test('scores that are written to memory are tensors too', (t) => {
  const scores = 3 * 512 * 512 * (8 / 2);
  t.is(tensorBytes(layer({ materialised: true }), { ...OPTIONS, kernels: 'fused' }), 2 * 2 * scores);
  t.is(tensorBytes(layer({ scoreBias: true }), { ...OPTIONS, kernels: 'eager' }), 2 * 4 * scores);
  t.is(tensorBytes(layer({ scoreBias: true }), { ...OPTIONS, kernels: 'fused' }), 2 * 2 * 3 * 512 * 256);
});
