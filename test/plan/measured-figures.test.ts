import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { checkDevices, checkProfile, profilesOf } from '../../src/plan/measured-figures.ts';
import type { ModelProfile } from '../../src/api/model-profile.ts';

const model = buildModel({ preset: 'llama-2-7b' }, { sequenceLength: 2048 });
const training = { precision: 'BF16' } as const;

type Spec = ModelProfile['spec'];
type Layers = Spec['layers'][number];

function aProfile(changes: Partial<Spec> = {}, layers: Partial<Layers> = {}): Spec {
  const block: Layers = { names: ['block'], exchange: 'Excluded', times: [], activations: [], ...layers };
  return {
    provenance: { tool: 'a tool' },
    model: 'llama',
    precision: 'BF16',
    sequenceLength: 2048,
    layers: [block],
    ...changes,
  };
}

test('a profile of the model that is planned is taken', (t) => {
  t.notThrows(() => {
    checkProfile({ model: aProfile({}, { parameters: 204_000_000 }) }, model, training);
  });
  t.notThrows(() => {
    checkProfile({}, model, training);
  });
});

test('a profile of another model is refused, saying in what it differs', (t) => {
  const cases: readonly (readonly [profile: Spec, says: RegExp])[] = [
    [aProfile({ precision: 'FP16' }), /measured in FP16, but the job computes in BF16/],
    [aProfile({ sequenceLength: 512 }), /samples of 512 tokens, but the job's have samples of 2048 tokens; set/],
    [aProfile({}, { names: ['encoder-block'] }), /figures of encoder-block, .* known are embedding, block, head/],
    [aProfile({}, { parameters: 12_600_000 }), /block has 12\.6 million parameters, the job's 202\.4 million/],
  ];
  for (const [profile, says] of cases) {
    t.throws(
      () => {
        checkProfile({ model: profile }, model, training);
      },
      { instanceOf: UserError, message: says },
    );
  }
});

test('figures of another device are not used; those of a device that was not recorded are', (t) => {
  const [known, unknown] = [aProfile({ provenance: { tool: 'a tool', device: 'H100-SXM' } }), aProfile()];
  t.deepEqual(profilesOf({ model: known }, 'A100-SXM-80GB'), {});
  t.deepEqual(profilesOf({ model: known }, 'H100-SXM'), { model: known });
  t.deepEqual(profilesOf({ model: unknown }, 'H100-SXM'), { model: unknown });
});

test('a profile that none of the devices could use is refused, saying what was measured', (t) => {
  const model = aProfile({ provenance: { tool: 'a tool', device: 'H100-SXM' } });
  t.notThrows(() => {
    checkDevices({ model }, ['A100-SXM-80GB', 'H100-SXM']);
  });
  t.throws(
    () => {
      checkDevices({ model }, ['A100-SXM-80GB']);
    },
    {
      instanceOf: UserError,
      message: /^ModelProfile: measured on H100-SXM, but the job's GPUs are A100-SXM-80GB; give/,
    },
  );
});
