import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { backwardFlops, forwardFlops } from '../../src/model/counts/flops.ts';
import { parameters } from '../../src/model/counts/parameters.ts';
import { savedActivationBytes } from '../../src/model/counts/saved-activations.ts';
import { tensorCollectives } from '../../src/model/counts/tensor-collectives.ts';
import type { CustomLayer } from '../../src/model/custom-layers.ts';
import { firstOfKind } from './layers.ts';

const BLOCK: CustomLayer = {
  name: 'block',
  count: 3,
  parameters: 1001,
  forwardFlops: 5000,
  savedElements: 400,
  outputElements: 64,
  tensorDegrees: [4, 2],
  tensorElements: 128,
};
const HEAD: CustomLayer = {
  ...BLOCK,
  name: 'head',
  count: 1,
  outputElements: 1,
  tensorDegrees: [1],
  tensorElements: 0,
};

const MODEL = buildModel({ layers: [BLOCK, HEAD] });

test('each entry stands for as many layers as it counts', (t) => {
  t.deepEqual(
    MODEL.layers.map(({ name, kind, inputElements, outputElements, tensorDegrees }) => [
      name,
      kind,
      inputElements,
      outputElements,
      tensorDegrees.join(),
    ]),
    [
      ['block.0', 'block', 0, 64, '1,2,4'],
      ['block.1', 'block', 64, 64, '1,2,4'],
      ['block.2', 'block', 64, 64, '1,2,4'],
      ['head', 'head', 64, 1, '1'],
    ],
  );
  t.is(MODEL.parameters, 4 * 1001);
  t.is(MODEL.tokensPerSample, null);
});

test('its sizes are those given, shared among ranks', (t) => {
  const block = firstOfKind(MODEL, 'block');
  t.is(parameters(block, 2), 501);
  t.is(forwardFlops(block, 4), 1250);
  t.is(backwardFlops(block), 10000);
  t.is(
    savedActivationBytes(block, {
      tensorDegree: 2,
      sequenceParallel: false,
      bytesPerElement: 2,
      recomputation: 'none',
      kernels: 'eager',
    }),
    400,
  );
  t.deepEqual(tensorCollectives(block, false), {
    forward: [{ kind: 'all-reduce', elements: 128 }],
    backward: [{ kind: 'all-reduce', elements: 128 }],
  });
  t.deepEqual(tensorCollectives(firstOfKind(MODEL, 'head'), false), { forward: [], backward: [] });
});

test('refuses two layers of one name', (t) => {
  t.throws(() => buildModel({ layers: [BLOCK, { ...HEAD, name: 'block.1' }] }), {
    instanceOf: UserError,
    message: 'spec.model.layers: two layers have the name block.1; give each another name',
  });
});
