/** What a user writes: `TrainingJob`. Schema, static type, validation rules and `kubectl explain` text in one. */
import Type from 'typebox';
import { MODEL_PRESETS } from './presets.ts';
import { Bytes, Decimal, Foreign, List, OneOf, StringMap, Text, WholeNumber } from './schema.ts';

const CustomLayer = Type.Object(
  {
    name: Text({ description: 'Name of the layer, unique in the list.', minLength: 1, maxLength: 63 }),
    count: WholeNumber({
      description: 'How many such layers follow one another.',
      minimum: 1,
      maximum: 1024,
      default: 1,
    }),
    parameters: Bytes({ description: 'Number of parameters.' }),
    forwardFlops: Bytes({ description: 'Floating-point operations of the forward pass for one sample.' }),
    savedElements: Bytes({
      description: 'Activation elements for one sample that the forward pass keeps for the backward pass.',
    }),
    outputElements: Bytes({ description: 'Activation elements for one sample handed to the next layer.' }),
    tensorDegrees: List(WholeNumber({ description: 'A tensor-parallel degree.', minimum: 1, maximum: 1024 }), {
      description: 'Tensor-parallel degrees that the layer can be split by.',
      minItems: 1,
      maxItems: 16,
      default: [1],
    }),
    tensorElements: Bytes({
      description:
        'Activation elements for one sample that tensor parallelism reduces among its ranks in the forward pass, and again in the backward pass.',
      default: 0,
    }),
  },
  { additionalProperties: false, description: 'A layer given by its sizes.' },
);

const ModelSource = Type.Object(
  {
    preset: Type.Optional(OneOf(MODEL_PRESETS, { description: 'A published model by name.' })),
    config: Type.Optional(
      Foreign({
        description:
          "A Hugging Face config.json, inline. Families: llama, qwen2, mistral, gpt2, bert, t5, vit, swin (its field 'model_type').",
      }),
    ),
    configMap: Type.Optional(
      Type.Object(
        {
          name: Text({ description: 'Name of a ConfigMap in the namespace of the job.', minLength: 1 }),
          key: Text({ description: 'Key that holds the config.json.', default: 'config.json' }),
        },
        { additionalProperties: false, description: 'A config.json in a ConfigMap.' },
      ),
    ),
    layers: Type.Optional(
      List(CustomLayer, {
        description: 'The model as a chain of layers given by their sizes, for families that are not known here.',
        minItems: 1,
        maxItems: 1024,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'The model to train: exactly one of preset, config, configMap and layers.',
    'x-kubernetes-validations': [
      {
        rule: '[has(self.preset), has(self.config), has(self.configMap), has(self.layers)].filter(given, given).size() == 1',
        message: 'exactly one of preset, config, configMap and layers must be given',
      },
    ],
  },
);

const Training = Type.Object(
  {
    globalBatchSize: WholeNumber({ description: 'Samples (sequences or images) in one optimizer step.', minimum: 1 }),
    sequenceLength: Type.Optional(
      WholeNumber({
        description: 'Tokens in a sample. Default: the longest that the model takes. Not for image models.',
        minimum: 1,
      }),
    ),
    precision: OneOf(['BF16', 'FP16', 'FP32'], {
      description: 'Precision of computation; BF16 and FP16 keep 32-bit master weights.',
      default: 'BF16',
    }),
    optimizer: OneOf(['AdamW', 'Adam', 'SGD', 'Momentum'], {
      description: 'Optimizer: how many states are kept for each parameter.',
      default: 'AdamW',
    }),
  },
  { additionalProperties: false, description: 'Settings of the training that memory and time depend on.' },
);

export const Toleration = Type.Object(
  {
    key: Type.Optional(Text({ description: 'Taint key; absent with operator Exists tolerates all.' })),
    operator: OneOf(['Equal', 'Exists'], { description: 'How the key compares with the value.', default: 'Equal' }),
    value: Type.Optional(Text({ description: 'Taint value.' })),
    effect: Type.Optional(
      OneOf(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], { description: 'Taint effect; absent means all.' }),
    ),
    tolerationSeconds: Type.Optional(
      WholeNumber({ description: 'How long a NoExecute taint is tolerated.', minimum: 0 }),
    ),
  },
  { additionalProperties: false, description: 'As in a pod.' },
);

const Resources = Type.Object(
  {
    gpus: WholeNumber({ description: 'Number of GPUs that the job trains on.', minimum: 1, maximum: 131072 }),
    device: Type.Optional(
      Text({
        description:
          "Train on this device only, as the catalogue or the node's labels name it, for example H100-SXM or NVIDIA-H100-80GB-HBM3.",
        minLength: 1,
      }),
    ),
    nodeSelector: StringMap({ description: 'Labels that nodes must carry.', maxProperties: 32, default: {} }),
    tolerations: List(Toleration, {
      description:
        "Taints to tolerate. The GPU resource's own taint (nvidia.com/gpu, amd.com/gpu) is always tolerated.",
      maxItems: 32,
      default: [],
    }),
  },
  { additionalProperties: false, description: 'GPUs, and the nodes they may be on.' },
);

export const PARALLELISMS = ['Tensor', 'Data', 'FullySharded', 'Pipeline', 'Recomputation'] as const;

function degree(what: string) {
  return Type.Optional(
    WholeNumber({ description: `${what} Default: the planner chooses.`, minimum: 1, maximum: 131072 }),
  );
}

const Planning = Type.Object(
  {
    parallelisms: List(OneOf(PARALLELISMS, { description: 'A way to split the work.' }), {
      description:
        'Ways to split the work that a plan may use: tensor, data (replicas), fully sharded data and pipeline parallelism, and activation recomputation.',
      maxItems: 5,
      default: [...PARALLELISMS],
      'x-kubernetes-list-type': 'set',
    }),
    sequenceParallel: Type.Boolean({
      description: 'Split what lies between tensor-parallel regions along the sequence.',
      default: true,
    }),
    schedule: OneOf(['1F1B', 'GPipe'], {
      description: '1F1B keeps fewer micro-batches in flight; GPipe keeps all.',
      default: '1F1B',
    }),
    pipelineDegree: degree('Number of pipeline stages.'),
    microBatches: degree('Number of micro-batches in a step.'),
    tensorDegree: degree('Tensor-parallel degree of every layer.'),
    dataDegree: degree('Data-parallel replicas of every layer.'),
    shardDegree: degree('Fully sharded data-parallel degree of every layer.'),
    memoryLimitBytes: Type.Optional(
      Bytes({
        description: "Memory of a GPU that a plan may use. Default: the device's, less what the runtime takes.",
      }),
    ),
    timeLimitSeconds: WholeNumber({
      description: 'After this long the best plan so far is taken, with its gap.',
      minimum: 1,
      maximum: 86400,
      default: 60,
    }),
    relativeGap: Decimal({
      description: 'A plan proved to be within this share of the best one is good enough.',
      default: '0.000001',
    }),
    review: Type.Boolean({
      description: 'Stop after planning until approvedRevision names the revision of the plan.',
      default: false,
    }),
    approvedRevision: Type.Optional(WholeNumber({ description: 'Revision of the plan that may start.', minimum: 1 })),
    planName: Type.Optional(
      Text({
        description: 'A ParallelPlan of your own in this namespace, to be checked and run instead of planning.',
        minLength: 1,
      }),
    ),
  },
  { additionalProperties: false, description: 'Limits on what the planner may choose.', default: {} },
);

const KeyReference = Type.Object(
  {
    name: Text({ description: 'Name of the object.', minLength: 1 }),
    key: Text({ description: 'Key in it.', minLength: 1 }),
    optional: Type.Optional(Type.Boolean({ description: 'Whether it may be missing.' })),
  },
  { additionalProperties: false, description: 'A key of a ConfigMap or Secret.' },
);

const EnvironmentVariable = Type.Object(
  {
    name: Text({ description: 'Name of the variable.', minLength: 1 }),
    value: Type.Optional(Text({ description: 'Its value.', maxLength: 32768 })),
    valueFrom: Type.Optional(
      Type.Object(
        {
          configMapKeyRef: Type.Optional(KeyReference),
          secretKeyRef: Type.Optional(KeyReference),
          fieldRef: Type.Optional(
            Type.Object(
              { fieldPath: Text({ description: 'Field of the pod.', minLength: 1 }) },
              { additionalProperties: false, description: 'A field of the pod.' },
            ),
          ),
        },
        { additionalProperties: false, description: 'Where the value comes from.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'As in a container.' },
);

const Volume = Type.Object(
  {
    name: Text({ description: 'Name of the volume.', minLength: 1, maxLength: 63 }),
    persistentVolumeClaim: Type.Optional(Foreign({ description: 'As in a pod.' })),
    configMap: Type.Optional(Foreign({ description: 'As in a pod.' })),
    secret: Type.Optional(Foreign({ description: 'As in a pod.' })),
    emptyDir: Type.Optional(Foreign({ description: 'As in a pod.' })),
    hostPath: Type.Optional(Foreign({ description: 'As in a pod; the namespace must allow it.' })),
    nfs: Type.Optional(Foreign({ description: 'As in a pod.' })),
    csi: Type.Optional(Foreign({ description: 'As in a pod.' })),
    projected: Type.Optional(Foreign({ description: 'As in a pod.' })),
    ephemeral: Type.Optional(Foreign({ description: 'As in a pod.' })),
  },
  { additionalProperties: false, description: 'A volume, as in a pod.' },
);

const VolumeMount = Type.Object(
  {
    name: Text({ description: 'Name of the volume.', minLength: 1, maxLength: 63 }),
    mountPath: Text({ description: 'Where it is mounted.', minLength: 1, maxLength: 1024 }),
    subPath: Type.Optional(Text({ description: 'Path in the volume.', maxLength: 1024 })),
    readOnly: Type.Optional(Type.Boolean({ description: 'Mount it read-only.' })),
  },
  { additionalProperties: false, description: 'As in a container.' },
);

const Argument = Text({ description: 'One word of a command.', maxLength: 32768 });

const Template = Type.Object(
  {
    labels: StringMap({ description: 'Labels for the pods.', maxProperties: 32, default: {} }),
    annotations: StringMap({ description: 'Annotations for the pods.', maxProperties: 32, default: {} }),
    image: Text({ description: 'Container image.', minLength: 1, maxLength: 1024 }),
    imagePullPolicy: Type.Optional(OneOf(['Always', 'IfNotPresent', 'Never'], { description: 'As in a container.' })),
    imagePullSecrets: List(
      Type.Object(
        { name: Text({ description: 'Name of the Secret.', minLength: 1 }) },
        { additionalProperties: false, description: 'A Secret.' },
      ),
      { description: 'As in a pod.', maxItems: 16, default: [] },
    ),
    command: Type.Optional(List(Argument, { description: "Default: the image's entry point.", maxItems: 256 })),
    args: Type.Optional(List(Argument, { description: 'Arguments.', maxItems: 256 })),
    workingDir: Type.Optional(Text({ description: 'As in a container.', maxLength: 1024 })),
    env: List(EnvironmentVariable, { description: 'As in a container.', maxItems: 256, default: [] }),
    envFrom: List(
      Type.Object(
        {
          prefix: Type.Optional(Text({ description: 'Put before each name.' })),
          configMapRef: Type.Optional(Foreign({ description: 'As in a container.' })),
          secretRef: Type.Optional(Foreign({ description: 'As in a container.' })),
        },
        { additionalProperties: false, description: 'As in a container.' },
      ),
      { description: 'As in a container.', maxItems: 32, default: [] },
    ),
    requests: StringMap({
      description: 'Requests for a pod besides GPUs, for example cpu, memory and ephemeral-storage.',
      maxProperties: 16,
      default: {},
    }),
    limits: StringMap({
      description: 'Limits for a pod besides GPUs and RDMA devices, which the plan sets.',
      maxProperties: 16,
      default: {},
    }),
    sharedMemory: Text({
      description: 'Size limit of /dev/shm, a Kubernetes quantity.',
      default: '64Gi',
      maxLength: 16,
    }),
    volumes: List(Volume, { description: 'As in a pod.', maxItems: 64, default: [] }),
    volumeMounts: List(VolumeMount, { description: 'As in a container.', maxItems: 64, default: [] }),
    serviceAccountName: Type.Optional(Text({ description: 'As in a pod.' })),
    priorityClassName: Type.Optional(Text({ description: 'As in a pod.' })),
    schedulerName: Type.Optional(Text({ description: 'As in a pod.' })),
    terminationGracePeriodSeconds: WholeNumber({
      description: 'Time to write a checkpoint after SIGTERM.',
      minimum: 0,
      default: 30,
    }),
    podSecurityContext: Type.Optional(Foreign({ description: 'Replaces the restricted security context of the pod.' })),
    securityContext: Type.Optional(
      Foreign({ description: 'Replaces the restricted security context of the container.' }),
    ),
  },
  { additionalProperties: false, description: 'The pods that train.' },
);

const RunPolicy = Type.Object(
  {
    suspend: Type.Boolean({
      description: 'Remove the pods and keep the rest until this is false again.',
      default: false,
    }),
    backoffLimit: WholeNumber({
      description: 'Times that all pods are started again after one failed.',
      minimum: 0,
      default: 3,
    }),
    activeDeadlineSeconds: Type.Optional(
      WholeNumber({ description: 'The job fails when it has been active for this long.', minimum: 1 }),
    ),
    ttlSecondsAfterFinished: Type.Optional(
      WholeNumber({ description: 'The job is deleted this long after it finished.', minimum: 0 }),
    ),
  },
  { additionalProperties: false, description: 'When to stop, to start again and to clean up.', default: {} },
);

/** What may change only while the job is suspended, since a running gang was planned from it. */
function fixedWhileRunning(field: string) {
  return {
    rule: `oldSelf.runPolicy.suspend || self.${field} == oldSelf.${field}`,
    message: `${field} can be changed only while runPolicy.suspend is true`,
  };
}

export const TrainingJobSpec = Type.Object(
  {
    model: ModelSource,
    training: Training,
    resources: Resources,
    planning: Planning,
    template: Template,
    runPolicy: RunPolicy,
  },
  {
    additionalProperties: false,
    description: 'The training that is wanted.',
    'x-kubernetes-validations': ['model', 'training', 'resources', 'template'].map(fixedWhileRunning),
  },
);

export type TrainingJobSpec = Type.Static<typeof TrainingJobSpec>;
export type Toleration = Type.Static<typeof Toleration>;
export type PodTemplate = Type.Static<typeof Template>;
