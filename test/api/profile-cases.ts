/** Measured profiles good and bad, on which our parser and the API server must agree. */

export interface ProfileCase {
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>>;
  /** What is refused: field and the beginning of what is said of it. Absent: the profile is good. */
  readonly refused?: Readonly<Record<string, string>>;
  /** A rule in CEL speaks: the API server says the same. */
  readonly saidByBoth?: true;
}

type Fields = Readonly<Record<string, unknown>>;

const provenance = { tool: 'a tool 1.0', device: 'A100-SXM-80GB', driver: '550.54.15', torch: '2.15.0', image: 'x:1' };
const time = { samples: 1, forwardSeconds: '0.0123', backwardSeconds: '2.5e-02' };
const layers = { names: ['block'], parameters: 1000, times: [time], activations: [{ samples: 1, bytes: 1 }] };

/** The plainest ModelProfile with changes. */
export function modelProfile(spec: Fields = {}, ofLayers: Fields = {}): Fields {
  return {
    apiVersion: 'uniap.dev/v1alpha1',
    kind: 'ModelProfile',
    metadata: { name: 'llama', namespace: 'default' },
    spec: { provenance, model: 'llama-2-7b', precision: 'BF16', layers: [{ ...layers, ...ofLayers }], ...spec },
  };
}

const allReduce = { operation: 'AllReduce', size: 8, membersPerNode: 8, times: [{ bytes: 1024, seconds: '3.1e-5' }] };

/** The plainest HardwareProfile with changes. */
export function hardwareProfile(spec: Fields = {}): Fields {
  return {
    apiVersion: 'uniap.dev/v1alpha1',
    kind: 'HardwareProfile',
    metadata: { name: 'two-nodes' },
    spec: { provenance, collectives: [allReduce], ...spec },
  };
}

const withoutFigures = { ...allReduce, times: [] };

const GOOD: readonly ProfileCase[] = [
  { name: 'a ModelProfile', document: modelProfile({ sequenceLength: 2048, modelDigest: 'ab12' }) },
  { name: 'layers of which only sizes were measured', document: modelProfile({}, { times: [] }) },
  { name: 'a HardwareProfile', document: hardwareProfile({ computationSlowdown: '1.2' }) },
  { name: 'where it was measured', document: hardwareProfile({ ranks: 16, ranksPerNode: 8, nodeLink: 'NVLink' }) },
  {
    name: 'a bandwidth',
    document: hardwareProfile({ collectives: [{ ...withoutFigures, bytesPerSecond: '4.4682e10' }] }),
  },
  {
    name: 'sends',
    document: hardwareProfile({ pointToPoint: [{ stride: 8, acrossNodes: true, bytesPerSecond: '7659980000' }] }),
  },
];

const REFUSED: readonly ProfileCase[] = [
  {
    name: 'a misspelt field',
    document: modelProfile({}, { activation: [] }),
    refused: { 'spec.layers[0].activation': 'unknown field; did you mean activations?' },
  },
  {
    name: 'another precision',
    document: modelProfile({ precision: 'bf16' }),
    refused: { 'spec.precision': '"bf16" is not one of BF16, FP16, FP32; did you mean BF16?' },
  },
  {
    name: 'a negative time',
    document: modelProfile({}, { times: [{ ...time, forwardSeconds: '-0.1' }] }),
    refused: { 'spec.layers[0].times[0].forwardSeconds': '"-0.1"' },
  },
  {
    name: 'a time beyond all numbers',
    document: modelProfile({}, { times: [{ ...time, forwardSeconds: '1e400' }] }),
    refused: { 'spec.layers[0].times[0].forwardSeconds': '"1e400"' },
  },
  {
    name: 'layers without figures',
    document: modelProfile({}, { times: [], activations: [] }),
    refused: { 'spec.layers[0]': 'give times or activations: there are no figures of these layers' },
    saidByBoth: true,
  },
  {
    name: 'a kind of layer twice',
    document: modelProfile({}, { names: ['block', 'block'] }),
    refused: { 'spec.layers[0].names[1]': 'block is in the list twice' },
  },
  {
    name: 'no provenance',
    document: hardwareProfile({ provenance: undefined }),
    refused: { 'spec.provenance': 'required, but missing' },
  },
  {
    name: 'a collective without figures',
    document: hardwareProfile({ collectives: [withoutFigures] }),
    refused: { 'spec.collectives[0]': 'give either times or bytesPerSecond' },
    saidByBoth: true,
  },
  {
    name: 'a collective of two kinds of figures',
    document: hardwareProfile({ collectives: [{ ...allReduce, bytesPerSecond: '1e9' }] }),
    refused: { 'spec.collectives[0]': 'give either times or bytesPerSecond' },
    saidByBoth: true,
  },
  {
    name: 'a bandwidth of nothing',
    document: hardwareProfile({ collectives: [{ ...withoutFigures, bytesPerSecond: '0.0' }] }),
    refused: { 'spec.collectives[0].bytesPerSecond': 'must be more than 0' },
    saidByBoth: true,
  },
  {
    name: 'groups that do not lie alike on nodes',
    document: hardwareProfile({ collectives: [{ ...allReduce, membersPerNode: 3 }] }),
    refused: { 'spec.collectives[0].membersPerNode': '8 ranks cannot be 3 on each node' },
    saidByBoth: true,
  },
  {
    name: 'computation that communication makes faster',
    document: hardwareProfile({ computationSlowdown: '0.9' }),
    refused: { 'spec.computationSlowdown': 'must be at least 1' },
    saidByBoth: true,
  },
];

export const PROFILE_CASES: readonly ProfileCase[] = [...GOOD, ...REFUSED];
