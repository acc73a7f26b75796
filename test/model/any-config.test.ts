/** Whatever a config.json holds, it is refused in words or becomes a model that holds together. */
import fc from 'fast-check';
import test, { type ExecutionContext } from 'ava';
import { MODEL_PRESETS } from '../../src/api/presets.ts';
import { UserError } from '../../src/api/errors.ts';
import { buildModel } from '../../src/model/build-model.ts';
import type { Config } from '../../src/model/config/read-config.ts';
import { backwardFlops, forwardFlops } from '../../src/model/counts/flops.ts';
import { memoryTraffic } from '../../src/model/counts/memory-traffic.ts';
import { parameters, tiedParameters } from '../../src/model/counts/parameters.ts';
import { savedActivationBytes } from '../../src/model/counts/saved-activations.ts';
import type { Layer, Model } from '../../src/model/layer.ts';
import { PRESETS } from '../../src/model/presets.ts';

const junk = fc.oneof(
  fc.constantFrom(null, undefined, NaN, Infinity, -1, 0, 0.5, 2 ** 53, '8', '', [], {}, true),
  fc.integer({ min: 1, max: 2 ** 24 }),
  fc.anything(),
);

/** Sizes that often divide one another. */
const size = fc.constantFrom(1, 2, 3, 4, 6, 7, 8, 12, 16, 24, 32, 64, 80, 96, 128, 320, 1000);

/** The config of a preset, with some of its fields changed. */
const config: fc.Arbitrary<Config> = fc.constantFrom(...MODEL_PRESETS).chain((preset) => {
  const published = PRESETS[preset].config;
  const sizes = Object.keys(published).filter((field) => typeof published[field] === 'number');
  return fc
    .tuple(
      fc.dictionary(fc.constantFrom(...sizes), size, { maxKeys: 6 }),
      fc.dictionary(fc.constantFrom(...Object.keys(published)), junk, { maxKeys: 1 }),
    )
    .map(([changed, spoilt]) => ({ ...published, num_hidden_layers: 2, n_layer: 2, ...changed, ...spoilt }));
});

const sequenceLength = fc.option(fc.integer({ min: 1, max: 4096 }), { nil: undefined });

function build(given: Config, tokens: number | undefined): Model | UserError {
  try {
    return buildModel({ config: given }, tokens === undefined ? {} : { sequenceLength: tokens });
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

test('a config is refused in words or becomes a model that holds together', (t) => {
  let models = 0;
  fc.assert(
    fc.property(config, sequenceLength, (given, tokens) => {
      const built = build(given, tokens);
      if (built instanceof UserError) {
        t.regex(built.message, /^(config\.json|spec\.training\.sequenceLength)/);
        return;
      }
      models += 1;
      checkModel(t, built);
    }),
    { numRuns: 1000 },
  );
  t.true(models > 100, `only ${models} configs became models`);
});

test('anything at all is refused in words or becomes a model', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (given) => {
      t.true(build(given, undefined) instanceof UserError);
    }),
  );
});

for (const preset of MODEL_PRESETS) {
  test(`${preset} holds together`, (t) => {
    checkModel(t, buildModel({ preset }));
  });
}

function checkModel(t: ExecutionContext, model: Model): void {
  const { layers } = model;
  t.is(new Set(layers.map(({ name }) => name)).size, layers.length, 'names are unique');
  t.is(
    model.parameters,
    layers.reduce((sum, layer) => sum + parameters(layer), 0),
  );
  layers.forEach((layer, index) => {
    t.is(layer.inputElements, layers[index - 1]?.outputElements ?? 0, 'layers form a chain');
  });
  // One of each kind says all.
  for (const layer of new Map(layers.map((each) => [each.kind, each])).values()) checkLayer(t, layer);
}

function checkLayer(t: ExecutionContext, layer: Layer): void {
  const { tensorDegrees } = layer;
  t.is(tensorDegrees[0], 1);
  t.deepEqual(
    tensorDegrees,
    tensorDegrees.toSorted((a, b) => a - b),
  );
  const whole = countsOf(layer, 1, false);
  for (const tensorDegree of tensorDegrees) {
    const split = countsOf(layer, tensorDegree, false);
    const sequence = countsOf(layer, tensorDegree, true);
    for (const [name, count] of Object.entries(split)) {
      t.true(Number.isFinite(count) && count >= 0, `${layer.name}: ${name} is ${count}`);
      const all = whole[name] ?? NaN;
      // Rounding apart, a rank has no more than the whole, and all ranks together no less.
      t.true(count <= all * (1 + 1e-9), `${layer.name}: ${name} of a rank among ${tensorDegree} is ${count} of ${all}`);
      t.true(
        count * tensorDegree >= all * (1 - 1e-9),
        `${layer.name}: ${tensorDegree} times ${name} ${count} < ${all}`,
      );
      t.true((sequence[name] ?? NaN) <= count, 'sequence parallelism adds nothing');
    }
  }
}

function countsOf(layer: Layer, tensorDegree: number, sequenceParallel: boolean): Readonly<Record<string, number>> {
  const options = { tensorDegree, sequenceParallel, bytesPerElement: 2, kernels: 'eager', samples: 1 } as const;
  const saved = savedActivationBytes(layer, { ...options, recomputation: 'none' });
  const traffic = memoryTraffic(layer, options);
  return {
    parameters: parameters(layer, tensorDegree),
    tied: tiedParameters(layer, tensorDegree),
    forward: forwardFlops(layer, tensorDegree),
    backward: backwardFlops(layer, tensorDegree),
    saved,
    savedSelectively: savedActivationBytes(layer, { ...options, recomputation: 'selective' }),
    recomputed: savedActivationBytes(layer, { ...options, recomputation: 'full' }),
    forwardTraffic: traffic.forward,
    backwardTraffic: traffic.backward,
  };
}
