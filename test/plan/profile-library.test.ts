import test from 'ava';
import type { HardwareProfile } from '../../src/api/hardware-profile.ts';
import type { ModelProfile } from '../../src/api/model-profile.ts';
import { buildModel } from '../../src/model/build-model.ts';
import {
  chooseProfiles,
  driversOf,
  modelDigest,
  placeOf,
  type ProfileLibrary,
  type Stored,
  type Subject,
} from '../../src/plan/profile-library.ts';
import { hardwareOf } from '../../src/cost/hardware.ts';
import { anAllocation } from '../cost/builders.ts';

type ModelSpec = ModelProfile['spec'];
type HardwareSpec = HardwareProfile['spec'];

const model = buildModel({ preset: 'llama-2-7b' }, { sequenceLength: 2048 });
const larger = buildModel({ preset: 'llama-2-13b' }, { sequenceLength: 2048 });

/** A Llama on 16 A100 of two nodes. */
function aSubject(subject: Partial<Subject> = {}): Subject {
  const allocation = anAllocation(2, 8, { drivers: ['550.54.15'] });
  return { model, training: { precision: 'BF16' }, allocation, hardware: hardwareOf(allocation), ...subject };
}

function aModelProfile(spec: Partial<ModelSpec> = {}, name = 'llama'): Stored<ModelSpec> {
  const times = [
    { tensor: 1, sequenceParallel: false, recomputation: 'None', samples: 1, forwardSeconds: '0.01' } as const,
  ];
  return {
    name,
    created: '2026-11-20T00:00:00Z',
    spec: {
      provenance: { tool: 'a tool' },
      model: 'llama-2-7b',
      precision: 'BF16',
      sequenceLength: 2048,
      layers: [{ names: ['block'], exchange: 'Excluded', times, activations: [] }],
      ...spec,
    },
  };
}

function aHardwareProfile(spec: Partial<HardwareSpec> = {}, name = 'links'): Stored<HardwareSpec> {
  return {
    name,
    created: '2026-11-20T00:00:00Z',
    spec: {
      provenance: { tool: 'a tool', device: 'A100-SXM-80GB' },
      collectives: [],
      pointToPoint: [],
      ...spec,
    },
  };
}

function aLibrary(library: Partial<ProfileLibrary> = {}): ProfileLibrary {
  return { models: [], hardware: [], image: 'trainer:2', ...library };
}

const namesOf = (library: Partial<ProfileLibrary>, subject = aSubject()) =>
  chooseProfiles(aLibrary(library), subject).names;

test('the profiles of the model and its devices are chosen', (t) => {
  const [ofModel, ofHardware] = [aModelProfile(), aHardwareProfile()];
  const choice = chooseProfiles(aLibrary({ models: [ofModel], hardware: [ofHardware] }), aSubject());
  t.deepEqual(choice, {
    profiles: { model: ofModel.spec, hardware: ofHardware.spec },
    names: { model: 'llama', hardware: 'links' },
    missing: [],
  });
});

test('what is missing is said of which model and which hardware', (t) => {
  t.deepEqual(chooseProfiles(aLibrary(), aSubject()).missing, [
    'no ModelProfile is of llama-2-7b in BF16 with 2048 tokens on A100-SXM-80GB',
    'no HardwareProfile is of 16 A100-SXM-80GB, 8 on a node, with NVLink and InfiniBand',
  ]);
});

const OTHER_MODELS: Readonly<Record<string, Partial<ModelSpec>>> = {
  'another model': { model: 'llama-7b' },
  'another model by its digest': { modelDigest: modelDigest(larger) },
  'another precision': { precision: 'FP16' },
  'another sequence length': { sequenceLength: 4096 },
  'another device': { provenance: { tool: 'a tool', device: 'H100-SXM' } },
  'layers of another family': {
    layers: [{ names: ['encoder-block'], exchange: 'Excluded', times: [], activations: [] }],
  },
};

for (const [what, spec] of Object.entries(OTHER_MODELS)) {
  test(`a ModelProfile of ${what} is not the job's`, (t) => {
    t.deepEqual(namesOf({ models: [aModelProfile(spec)] }), {});
  });
}

test('a digest finds a profile whatever the model is called', (t) => {
  const found = aModelProfile({ model: 'our llama', modelDigest: modelDigest(model) });
  t.deepEqual(namesOf({ models: [found] }), { model: 'llama' });
});

test('a digest is of what layers compute, not of how many there are', (t) => {
  const longer = { ...model, name: 'longer', layers: [...model.layers, ...model.layers.slice(1, 3)] };
  t.is(modelDigest(longer), modelDigest(model));
  t.not(modelDigest(larger), modelDigest(model));
  t.not(modelDigest(buildModel({ preset: 'llama-2-7b' }, { sequenceLength: 1024 })), modelDigest(model));
});

const OTHER_HARDWARE: Readonly<Record<string, Partial<HardwareSpec>>> = {
  'a device that it does not name': { provenance: { tool: 'a tool' } },
  'another device': { provenance: { tool: 'a tool', device: 'H100-SXM' } },
  'fewer ranks': { ranks: 8 },
  'fewer ranks on a node': { ranksPerNode: 4 },
  'another link': { nodeLink: 'PCIe' },
  'another network': { network: 'Ethernet' },
};

for (const [what, spec] of Object.entries(OTHER_HARDWARE)) {
  test(`a HardwareProfile of ${what} is not the job's`, (t) => {
    t.deepEqual(namesOf({ hardware: [aHardwareProfile(spec)] }), {});
  });
}

test('a HardwareProfile of more nodes, and on one node of any network, is the job’s', (t) => {
  t.deepEqual(namesOf({ hardware: [aHardwareProfile({ ranks: 32, ranksPerNode: 8, network: 'InfiniBand' })] }), {
    hardware: 'links',
  });
  const allocation = anAllocation(1, 8);
  const oneNode = aSubject({ allocation, hardware: hardwareOf(allocation) });
  t.deepEqual(namesOf({ hardware: [aHardwareProfile({ network: 'EFA' })] }, oneNode), { hardware: 'links' });
});

test('what a measurement is said to be of is found for the same GPUs', (t) => {
  const subject = aSubject();
  const { device, ...place } = placeOf(subject);
  const measured = aHardwareProfile({ ...place, provenance: { tool: 'a tool', device } });
  t.deepEqual(namesOf({ hardware: [measured] }, subject), { hardware: 'links' });
});

const measuredOn = (date: string) => ({ tool: 'a tool', date });

test('of several the newest counts: by when it was measured, or else when it came', (t) => {
  const models = [
    aModelProfile({ provenance: measuredOn('2026-11-01T00:00:00Z') }, 'old'),
    aModelProfile({ provenance: measuredOn('2026-11-22T02:00:00+04:00') }, 'newest'),
    aModelProfile({}, 'undated'),
  ];
  t.deepEqual(namesOf({ models }), { model: 'newest' });
  t.deepEqual(namesOf({ models: models.filter(({ name }) => name !== 'newest') }), { model: 'undated' });
});

const OUTDATED: Readonly<Record<string, readonly [ModelSpec['provenance'], says: string | undefined]>> = {
  'another driver': [
    { tool: 'a tool', driver: '535.129.03' },
    'ModelProfile llama was measured with driver 535.129.03, and nodes have 550.54.15',
  ],
  'another image': [
    { tool: 'a tool', image: 'trainer:1' },
    "ModelProfile llama was measured in image trainer:1, and the job's is trainer:2",
  ],
  'the same driver and image': [{ tool: 'a tool', driver: '550.54.15', image: 'trainer:2' }, undefined],
  'a driver and image that were not recorded': [{ tool: 'a tool' }, undefined],
};

for (const [what, [provenance, says]] of Object.entries(OUTDATED)) {
  test(`a profile measured with ${what} is ${says === undefined ? 'used' : 'out of date'}`, (t) => {
    const { names, missing } = chooseProfiles(aLibrary({ models: [aModelProfile({ provenance })] }), aSubject());
    t.is(names.model, says === undefined ? 'llama' : undefined);
    t.is(missing[0]?.startsWith('no HardwareProfile') === true ? undefined : missing[0], says);
  });
}

test('where nodes do not say their driver, any is taken', (t) => {
  const allocation = anAllocation(2, 8);
  const models = [aModelProfile({ provenance: { tool: 'a tool', driver: '535.129.03' } })];
  t.deepEqual(namesOf({ models }, aSubject({ allocation })), { model: 'llama' });
});

test('nodes of two drivers are measured anew, and then known', (t) => {
  const allocation = anAllocation(2, 8, { drivers: ['550.54.15', '560.28.03'] });
  const measuredWith = (driver: string) => [aModelProfile({ provenance: { tool: 'a tool', driver } })];
  t.deepEqual(namesOf({ models: measuredWith('550.54.15') }, aSubject({ allocation })), {});
  const both = measuredWith(driversOf(allocation));
  t.deepEqual(namesOf({ models: both }, aSubject({ allocation })), { model: 'llama' });
});

const RUN = {
  plan: 'research/llama-1',
  date: '2026-11-24T12:00:00Z',
  steps: 100,
  stepSeconds: '1.5',
  computationSeconds: '1',
  communicationSeconds: '0',
};

function aCorrection(
  corrections: Partial<NonNullable<ModelSpec['corrections']>> = {},
  name = 'corrections',
): Stored<ModelSpec> {
  const found = { computation: '1.5', communication: '1', memory: '1', runs: [RUN], ...corrections };
  return aModelProfile({ layers: [], corrections: found }, name);
}

test('what runs have shown counts for plans that are made from the same profiles', (t) => {
  const measured = aModelProfile();
  const links = aHardwareProfile();
  const correctionsOf = (library: Partial<ProfileLibrary>) => chooseProfiles(aLibrary(library), aSubject()).corrections;
  t.is(correctionsOf({ models: [aCorrection()] })?.computation, 1.5, "on the catalogue's figures");
  t.is(correctionsOf({ models: [measured, aCorrection()] }), undefined, 'a profile has been measured since');
  const onMeasured = { modelProfile: 'llama', hardwareProfile: 'links' };
  t.is(correctionsOf({ models: [measured, aCorrection(onMeasured)], hardware: [links] })?.computation, 1.5);
  t.is(correctionsOf({ models: [measured, aCorrection(onMeasured)] }), undefined, 'its links are gone');
  const within = aModelProfile({ ...aCorrection().spec, layers: measured.spec.layers });
  t.is(correctionsOf({ models: [within] })?.computation, 1.5, 'kept with the profile itself');
  const later = { computation: '2', runs: [{ ...RUN, date: '2026-11-25T12:00:00Z' }] };
  t.is(correctionsOf({ models: [aCorrection(later, 'later'), aCorrection()] })?.computation, 2, 'the newest');
});

test('corrections alone are no measured profile', (t) => {
  const choice = chooseProfiles(aLibrary({ models: [aCorrection()] }), aSubject());
  t.deepEqual(choice.names, {});
  t.regex(choice.missing[0] ?? '', /^no ModelProfile is of/);
});
