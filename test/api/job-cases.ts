/** TrainingJobs good and bad, on which our parser and the API server must agree. */

/** Fields to set, by path with dots; a value of undefined removes the field. */
export type Changes = Readonly<Record<string, unknown>>;

export interface JobCase {
  readonly name: string;
  readonly changes: Changes;
  /** What is refused: field and the beginning of what is said of it. Absent: the job is good. */
  readonly refused?: Readonly<Record<string, string>>;
  /** A rule in CEL speaks: the API server says the same. */
  readonly saidByBoth?: true;
}

/** The smallest job. */
const SMALLEST = {
  apiVersion: 'uniap.dev/v1alpha1',
  kind: 'TrainingJob',
  metadata: { name: 'llama', namespace: 'default' },
  spec: {
    model: { preset: 'llama-2-7b' },
    training: { globalBatchSize: 64 },
    resources: { gpus: 16 },
    template: { image: 'registry.example.com/train:1' },
  },
};

/** The smallest job with changes. */
export function jobDocument(changes: Changes = {}): Record<string, unknown> {
  const document: Record<string, unknown> = structuredClone(SMALLEST);
  for (const [path, value] of Object.entries(changes)) setField(document, path.split('.'), value);
  return document;
}

function setField(parent: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) {
    parent[name] ??= {};
    setField(parent[name] as Record<string, unknown>, rest, value);
  } else if (value === undefined) {
    Reflect.deleteProperty(parent, name);
  } else {
    parent[name] = value;
  }
}

const layer = { name: 'block', parameters: 1, forwardFlops: 1, savedElements: 1, outputElements: 1 };

const GOOD: readonly JobCase[] = [
  { name: 'the smallest job', changes: {} },
  { name: 'fields that are null', changes: { 'spec.planning': null, 'spec.runPolicy': { suspend: null } } },
  { name: 'a null in a map', changes: { 'spec.template.labels': { team: null, stage: 'test' } } },
  {
    name: 'an inline config with nulls',
    changes: { 'spec.model': { config: { model_type: 'llama', x: [null, { y: null }] } } },
  },
  { name: 'a config in a ConfigMap', changes: { 'spec.model': { configMap: { name: 'model' } } } },
  { name: 'a list of layers', changes: { 'spec.model': { layers: [layer, { ...layer, name: 'head', count: 2 }] } } },
  {
    name: 'all four degrees',
    changes: { 'spec.planning': { pipelineDegree: 2, tensorDegree: 2, dataDegree: 2, shardDegree: 2 } },
  },
  {
    name: 'a degree of 1 that needs no parallelism',
    changes: { 'spec.planning': { parallelisms: ['Data'], tensorDegree: 1 } },
  },
  {
    name: 'what an engine can run',
    changes: {
      'spec.planning': {
        engine: 'megatron',
        schedule: 'Interleaved1F1B',
        virtualStages: 2,
        zeroStages: [1],
        recomputations: ['None', 'Selective', 'Full'],
      },
    },
  },
  { name: "a plan of the user's own", changes: { 'spec.planning': { planName: 'mine' } } },
  { name: 'an approved plan', changes: { 'spec.planning': { review: true, approvedRevision: 1 } } },
  { name: 'a gap with an exponent', changes: { 'spec.planning.relativeGap': '1e-3' } },
  {
    name: 'whole numbers as quantities',
    changes: { 'spec.template.limits': { cpu: 8, memory: '64Gi' }, 'spec.template.sharedMemory': 1024 },
  },
  {
    name: 'quantities of every form',
    changes: {
      'spec.template.requests': { cpu: '.5', memory: '1e3', 'example.com/a': '100m', 'example.com/b': '+3k' },
    },
  },
  {
    name: 'a volume and its mount',
    changes: {
      'spec.template.volumes': [{ name: 'data', nfs: { server: 'a', path: '/' } }],
      'spec.template.volumeMounts': [{ name: 'data', mountPath: '/data' }],
    },
  },
  {
    name: 'a folder whose name begins as a reserved one',
    changes: {
      'spec.template.volumes': [{ name: 'a', emptyDir: {} }],
      'spec.template.volumeMounts': [{ name: 'a', mountPath: '/etc/uniap-data' }],
    },
  },
  {
    name: 'variables',
    changes: {
      'spec.template.env': [
        { name: 'NCCL_DEBUG', value: 'INFO' },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'hub', key: 'token' } } },
      ],
    },
  },
  { name: 'a toleration of everything', changes: { 'spec.resources.tolerations': [{ operator: 'Exists' }] } },
];

const BAD_BY_SCHEMA: readonly JobCase[] = [
  {
    name: 'an unknown field',
    changes: { 'spec.planing': {} },
    refused: { 'spec.planing': 'unknown field; did you mean planning?' },
  },
  {
    name: 'a field in the wrong place',
    changes: { 'spec.gpus': 8 },
    refused: { 'spec.gpus': 'unknown field; did you mean spec.resources.gpus?' },
  },
  {
    name: 'unknown metadata',
    changes: { 'metadata.nam': 'x' },
    refused: { 'metadata.nam': 'unknown field; did you mean name?' },
  },
  {
    name: 'a name that objects cannot have',
    changes: { 'metadata.name': 'Llama_7B' },
    refused: { 'metadata.name': 'must be lower-case letters' },
  },
  {
    name: 'a preset that is not known',
    changes: { 'spec.model.preset': 'llama2-7b' },
    refused: { 'spec.model.preset': '"llama2-7b" is not one of' },
  },
  {
    name: 'an enum in the wrong case',
    changes: { 'spec.training.precision': 'bf16' },
    refused: { 'spec.training.precision': '"bf16" is not one of BF16, FP16, FP32; did you mean BF16?' },
  },
  {
    name: 'text for a number',
    changes: { 'spec.resources.gpus': 'eight' },
    refused: { 'spec.resources.gpus': 'must be a whole number, not "eight"' },
  },
  {
    name: 'a quoted number',
    changes: { 'spec.resources.gpus': '8' },
    refused: { 'spec.resources.gpus': 'must be a whole number, not "8"; write 8 without quotes' },
  },
  {
    name: 'a fraction',
    changes: { 'spec.resources.gpus': 8.5 },
    refused: { 'spec.resources.gpus': 'must be a whole number, not 8.5' },
  },
  {
    name: 'a fraction beyond the limit',
    changes: { 'spec.resources.gpus': 131072.5 },
    refused: { 'spec.resources.gpus': 'must be a whole number, not 131072.5' },
  },
  {
    name: 'a number for text',
    changes: { 'spec.template.image': 3 },
    refused: { 'spec.template.image': 'must be a string, not 3; write "3" in quotes' },
  },
  {
    name: 'a fraction as a quantity',
    changes: { 'spec.template.limits': { memory: 1.5 } },
    refused: { 'spec.template.limits.memory': 'must be a string, not 1.5; write "1.5" in quotes' },
  },
  {
    name: 'a map for a list',
    changes: { 'spec.template.env': { A: 'b' } },
    refused: { 'spec.template.env': 'must be a list, not a map of fields' },
  },
  {
    name: 'a null in a list',
    changes: { 'spec.template.command': [null] },
    refused: { 'spec.template.command[0]': 'must be a string, not nothing (null)' },
  },
  {
    name: 'a missing field',
    changes: { 'spec.template.image': undefined },
    refused: { 'spec.template.image': 'required, but missing' },
  },
  {
    name: 'a field that is null and required',
    changes: { 'spec.template.image': null },
    refused: { 'spec.template.image': 'required, but missing' },
  },
  { name: 'no spec', changes: { spec: undefined }, refused: { spec: 'required, but missing' } },
  {
    name: 'no GPUs',
    changes: { 'spec.resources.gpus': 0 },
    refused: { 'spec.resources.gpus': '0 is too small; use at least 1' },
  },
  {
    name: 'too many GPUs',
    changes: { 'spec.resources.gpus': 131073 },
    refused: { 'spec.resources.gpus': '131073 is too large; use at most 131072' },
  },
  {
    name: 'an empty list of layers',
    changes: { 'spec.model': { layers: [] } },
    refused: { 'spec.model.layers': 'needs at least 1 item' },
  },
  {
    name: 'an empty image',
    changes: { 'spec.template.image': '' },
    refused: { 'spec.template.image': 'must not be empty' },
  },
  {
    name: 'a long name of a priority class',
    changes: { 'spec.template.priorityClassName': 'p'.repeat(254) },
    refused: { 'spec.template.priorityClassName': 'is longer than 253 characters' },
  },
];

const BAD_BY_RULE: readonly JobCase[] = [
  {
    name: 'two models',
    changes: { 'spec.model.configMap': { name: 'model' } },
    refused: {
      'spec.model': 'exactly one of preset, config, configMap, layers must be given; given: ["preset", "configMap"]',
    },
    saidByBoth: true,
  },
  {
    name: 'no model',
    changes: { 'spec.model': {} },
    refused: { 'spec.model': 'exactly one of preset, config, configMap, layers must be given; given: []' },
    saidByBoth: true,
  },
  {
    name: 'a degree that does not divide',
    changes: { 'spec.planning.tensorDegree': 3 },
    refused: {
      'spec.resources.gpus':
        '16 is not a multiple of 3, the product of ["tensorDegree 3"]; use 15 or 18, or degrees whose product divides 16',
    },
    saidByBoth: true,
  },
  {
    name: 'degrees larger than the GPUs',
    changes: { 'spec.planning': { pipelineDegree: 8, tensorDegree: 4 } },
    refused: {
      'spec.resources.gpus':
        '16 is not a multiple of 32, the product of ["pipelineDegree 8", "tensorDegree 4"]; use 32, or degrees whose product divides 16',
    },
    saidByBoth: true,
  },
  {
    name: 'degrees whose product overflows',
    changes: {
      'spec.planning': { pipelineDegree: 131072, tensorDegree: 131072, dataDegree: 131072, shardDegree: 131072 },
    },
    refused: {
      'spec.resources.gpus':
        'resources.gpus must be a multiple of the product of pipelineDegree, tensorDegree, dataDegree, shardDegree',
      'spec.training.globalBatchSize': '64 is not a multiple of 17179869184',
    },
    saidByBoth: true,
  },
  {
    name: 'degrees that leave GPUs idle',
    changes: { 'spec.planning': { pipelineDegree: 2, tensorDegree: 2, dataDegree: 2, shardDegree: 1 } },
    refused: {
      'spec.resources.gpus':
        'the degrees use 8 of 16 GPUs; set resources.gpus to 8, or leave one degree to the planner',
    },
    saidByBoth: true,
  },
  {
    name: 'a batch that does not divide',
    changes: { 'spec.planning': { microBatches: 6, dataDegree: 2 } },
    refused: {
      'spec.training.globalBatchSize':
        '64 is not a multiple of 12, the product of ["microBatches 6", "dataDegree 2"]; use 60 or 72, or factors whose product divides 64',
    },
    saidByBoth: true,
  },
  {
    name: 'a degree without its parallelism',
    changes: { 'spec.planning': { parallelisms: ['Data'], tensorDegree: 2 } },
    refused: {
      'spec.planning.tensorDegree': '2 needs Tensor in parallelisms, which has ["Data"]; add Tensor or use 1',
    },
    saidByBoth: true,
  },
  {
    name: 'virtual stages under another schedule',
    changes: { 'spec.planning': { virtualStages: 2 } },
    refused: {
      'spec.planning.virtualStages': '2 needs schedule Interleaved1F1B, not 1F1B; change the schedule or use 1',
    },
    saidByBoth: true,
  },
  {
    name: 'a schedule that Galvatron does not have',
    changes: { 'spec.planning': { engine: 'galvatron', schedule: 'Interleaved1F1B' } },
    refused: {
      'spec.planning.schedule': 'engine galvatron has no schedule Interleaved1F1B; use 1F1B or GPipe',
    },
    saidByBoth: true,
  },
  {
    name: 'a schedule that Megatron-LM does not have',
    changes: { 'spec.planning': { engine: 'megatron', schedule: 'GPipe' } },
    refused: {
      'spec.planning.schedule': 'engine megatron has no schedule GPipe; use 1F1B or Interleaved1F1B',
    },
    saidByBoth: true,
  },
  {
    name: 'recomputation of all layers in an engine that recomputes blocks',
    changes: { 'spec.planning': { engine: 'torchtitan', recomputations: ['Full'] } },
    refused: {
      'spec.planning.recomputations':
        'engines other than uniap never recompute embedding and head; add None to recomputations',
    },
    saidByBoth: true,
  },
  {
    name: 'a stage of ZeRO that there is not',
    changes: { 'spec.planning.zeroStages': [4] },
    refused: { 'spec.planning.zeroStages[0]': '4' },
  },
  {
    name: "a plan of the user's own beside degrees",
    changes: { 'spec.planning': { planName: 'mine', tensorDegree: 2, microBatches: 4 } },
    refused: {
      'spec.planning.planName': 'plan mine fixes them already: remove ["tensorDegree", "microBatches"], or planName',
    },
    saidByBoth: true,
  },
  {
    name: 'an approval without review',
    changes: { 'spec.planning.approvedRevision': 1 },
    refused: { 'spec.planning.approvedRevision': 'approvedRevision means something only where review is true' },
    saidByBoth: true,
  },
  {
    name: 'a gap of two',
    changes: { 'spec.planning.relativeGap': '2' },
    refused: {
      'spec.planning.relativeGap': '"2" is not a number between 0 and 1; write for example "0.01" for one per cent',
    },
    saidByBoth: true,
  },
  {
    name: 'a gap of nothing',
    changes: { 'spec.planning.relativeGap': 'small' },
    refused: { 'spec.planning.relativeGap': '"small" is not a number between 0 and 1' },
    saidByBoth: true,
  },
  {
    name: 'reserved variables',
    changes: {
      'spec.template.env': [
        { name: 'RANK', value: '0' },
        { name: 'PET_NNODES', value: '2' },
      ],
    },
    refused: {
      'spec.template.env[0].name': 'RANK is set by the plan; remove it or use another name',
      'spec.template.env[1].name': 'PET_NNODES is set by the plan',
    },
    saidByBoth: true,
  },
  {
    name: 'a variable twice',
    changes: { 'spec.template.env': [{ name: 'A' }, { name: 'A' }] },
    refused: { 'spec.template.env[1]': 'A is in the list twice' },
  },
  {
    name: 'a parallelism twice',
    changes: { 'spec.planning.parallelisms': ['Data', 'Data'] },
    refused: { 'spec.planning.parallelisms[1]': 'Data is in the list twice' },
  },
  {
    name: 'a value and its source',
    changes: {
      'spec.template.env': [{ name: 'A', value: 'b', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    },
    refused: { 'spec.template.env[0]': 'give value or valueFrom, not both' },
    saidByBoth: true,
  },
  {
    name: 'GPUs among the limits',
    changes: { 'spec.template.limits': { 'nvidia.com/gpu': '8' } },
    refused: { 'spec.template.limits': 'nvidia.com/gpu is set by the plan; remove it and set spec.resources.gpus' },
    saidByBoth: true,
  },
  {
    name: 'a quantity that is none',
    changes: { 'spec.template.sharedMemory': '64GB' },
    refused: {
      'spec.template.sharedMemory':
        '"64GB" is not a Kubernetes quantity of at least 0; write for example 500m, 8 or 64Gi',
    },
    saidByBoth: true,
  },
  {
    name: 'a mount without a volume',
    changes: {
      'spec.template.volumes': [{ name: 'data', emptyDir: {} }],
      'spec.template.volumeMounts': [{ name: 'date', mountPath: '/data' }],
    },
    refused: { 'spec.template.volumeMounts': 'no volume is named date; volumes: ["data"]' },
    saidByBoth: true,
  },
  {
    name: 'a mount over the plan',
    changes: {
      'spec.template.volumes': [{ name: 'data', emptyDir: {} }],
      'spec.template.volumeMounts': [{ name: 'data', mountPath: '/etc/uniap/x' }],
    },
    refused: { 'spec.template.volumeMounts[0].mountPath': '/etc/uniap holds the plan; mount the volume elsewhere' },
    saidByBoth: true,
  },
  {
    name: 'a mount over shared memory',
    changes: {
      'spec.template.volumes': [{ name: 'data', emptyDir: {} }],
      'spec.template.volumeMounts': [{ name: 'data', mountPath: '/dev/shm/' }],
    },
    refused: {
      'spec.template.volumeMounts[0].mountPath': '/dev/shm is in every pod; set its size by template.sharedMemory',
    },
    saidByBoth: true,
  },
  {
    name: 'a volume of two sources',
    changes: { 'spec.template.volumes': [{ name: 'data', emptyDir: {}, hostPath: { path: '/' } }] },
    refused: {
      'spec.template.volumes[0]': 'exactly one of persistentVolumeClaim, configMap, secret, emptyDir, hostPath',
    },
    saidByBoth: true,
  },
  {
    name: 'a volume named as ours',
    changes: { 'spec.template.volumes': [{ name: 'uniap-plan', emptyDir: {} }] },
    refused: { 'spec.template.volumes[0].name': 'uniap-plan starts with uniap-' },
    saidByBoth: true,
  },
  {
    name: 'a label of ours',
    changes: { 'spec.template.labels': { 'uniap.dev/job': 'x' } },
    refused: { 'spec.template.labels': 'uniap.dev/job is set by the operator; remove it' },
    saidByBoth: true,
  },
  {
    name: 'a label that cannot be',
    changes: { 'spec.template.labels': { team: 'a b' } },
    refused: { 'spec.template.labels.team': "must be letters, digits, '-', '_' and '.'" },
    saidByBoth: true,
  },
  {
    name: 'a toleration of a value without a key',
    changes: { 'spec.resources.tolerations': [{ value: 'x' }] },
    refused: { 'spec.resources.tolerations[0]': 'operator Equal needs a key; operator Exists takes no value' },
    saidByBoth: true,
  },
];

export const JOB_CASES: readonly JobCase[] = [...GOOD, ...BAD_BY_SCHEMA, ...BAD_BY_RULE];
