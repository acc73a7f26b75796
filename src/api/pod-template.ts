/** The pods that train: the part of a pod that a user writes, with what the plan sets left out. */
import Type from 'typebox';
import { LabelValue, noKeyOfOurs, ObjectName, PartName, Quantity } from './naming.ts';
import { exactlyOneOf, Foreign, List, OneOf, StringMap, Text, WholeNumber } from './schema.ts';
import type { CelRule } from './schema.ts';

/** Where every container finds its plan. */
export const PLAN_MOUNT_PATH = '/etc/uniap';

/** Where every container has its shared memory. */
export const SHARED_MEMORY_MOUNT_PATH = '/dev/shm';

/** Names of the operator's own volumes start so. */
export const VOLUME_PREFIX = 'uniap-';

/** Variables that the plan, or torchrun on its behalf, sets for every process. */
const RESERVED_VARIABLES = [
  'MASTER_ADDR',
  'MASTER_PORT',
  'WORLD_SIZE',
  'RANK',
  'NODE_RANK',
  'LOCAL_RANK',
  'LOCAL_WORLD_SIZE',
  'GROUP_RANK',
  'GROUP_WORLD_SIZE',
  'ROLE_RANK',
  'ROLE_WORLD_SIZE',
];

const RESERVED_VARIABLE_PREFIXES = ['PET_', 'UNIAP_'];

function keyReference(kind: string) {
  return Type.Object(
    {
      name: ObjectName({ description: `Name of the ${kind}.` }),
      key: Text({ description: 'Key in it.', minLength: 1 }),
      optional: Type.Optional(Type.Boolean({ description: 'Whether it may be missing.' })),
    },
    { additionalProperties: false, description: `A key of a ${kind} of the namespace.` },
  );
}

const EnvironmentSource = Type.Object(
  {
    configMapKeyRef: Type.Optional(keyReference('ConfigMap')),
    secretKeyRef: Type.Optional(keyReference('Secret')),
    fieldRef: Type.Optional(
      Type.Object(
        { fieldPath: Text({ description: 'Field of the pod.', minLength: 1 }) },
        { additionalProperties: false, description: 'A field of the pod.' },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'Where the value comes from: exactly one of its fields.',
    'x-kubernetes-validations': [exactlyOneOf(['configMapKeyRef', 'secretKeyRef', 'fieldRef'])],
  },
);

const notReserved: CelRule = {
  rule: `![${RESERVED_VARIABLE_PREFIXES.map(quoted).join(', ')}].exists(prefix, self.startsWith(prefix)) && !(self in [${RESERVED_VARIABLES.map(quoted).join(', ')}])`,
  message: 'is set by the plan',
  messageExpression: "'%s is set by the plan; remove it or use another name'.format([self])",
};

const EnvironmentVariable = Type.Object(
  {
    name: Text({
      description: 'Name of the variable. Those that the plan sets are refused: docs/annotations.md lists them.',
      minLength: 1,
      'x-kubernetes-validations': [
        {
          rule: "self.matches('^[-._a-zA-Z][-._a-zA-Z0-9]*$')",
          message: "must be letters, digits, '-', '_' and '.', and must not start with a digit",
        },
        notReserved,
      ],
    }),
    value: Type.Optional(Text({ description: 'Its value.', maxLength: 32768 })),
    valueFrom: Type.Optional(EnvironmentSource),
  },
  {
    additionalProperties: false,
    description: 'As in a container.',
    'x-kubernetes-validations': [
      { rule: '!(has(self.value) && has(self.valueFrom))', message: 'give value or valueFrom, not both' },
    ],
  },
);

const VOLUME_SOURCES = {
  persistentVolumeClaim: Type.Optional(Foreign({ description: 'As in a pod.' })),
  configMap: Type.Optional(Foreign({ description: 'As in a pod.' })),
  secret: Type.Optional(Foreign({ description: 'As in a pod.' })),
  emptyDir: Type.Optional(Foreign({ description: 'As in a pod.' })),
  hostPath: Type.Optional(Foreign({ description: 'As in a pod; the namespace must allow it.' })),
  nfs: Type.Optional(Foreign({ description: 'As in a pod.' })),
  csi: Type.Optional(Foreign({ description: 'As in a pod.' })),
  projected: Type.Optional(Foreign({ description: 'As in a pod.' })),
  ephemeral: Type.Optional(Foreign({ description: 'As in a pod.' })),
};

const Volume = Type.Object(
  {
    name: PartName({ description: 'Name of the volume, unique in the pod.' }, [
      {
        rule: `!self.startsWith('${VOLUME_PREFIX}')`,
        message: `names that start with ${VOLUME_PREFIX} are the operator's`,
        messageExpression: `'%s starts with ${VOLUME_PREFIX}, as the operator names its own volumes; use another name'.format([self])`,
      },
    ]),
    ...VOLUME_SOURCES,
  },
  {
    additionalProperties: false,
    description: 'A volume as in a pod: a name and exactly one source.',
    'x-kubernetes-validations': [exactlyOneOf(Object.keys(VOLUME_SOURCES))],
  },
);

const VolumeMount = Type.Object(
  {
    name: PartName({ description: 'Name of a volume of this template.' }),
    mountPath: Text({
      description: 'Where it is mounted, unique in the container.',
      minLength: 1,
      maxLength: 1024,
      'x-kubernetes-validations': [
        { rule: "!self.contains(':')", message: "must not contain ':'" },
        {
          rule: `!(self.matches('^${PLAN_MOUNT_PATH}(/|$)'))`,
          message: `${PLAN_MOUNT_PATH} holds the plan; mount the volume elsewhere`,
        },
        {
          rule: `!(self.matches('^${SHARED_MEMORY_MOUNT_PATH}/*$'))`,
          message: `${SHARED_MEMORY_MOUNT_PATH} is in every pod; set its size by template.sharedMemory`,
        },
      ],
    }),
    subPath: Type.Optional(Text({ description: 'Path in the volume.', maxLength: 1024 })),
    readOnly: Type.Optional(Type.Boolean({ description: 'Mount it read-only.' })),
  },
  { additionalProperties: false, description: 'As in a container.' },
);

const EnvironmentBundle = Type.Object(
  {
    prefix: Type.Optional(Text({ description: 'Put before each name.' })),
    configMapRef: Type.Optional(Foreign({ description: 'As in a container.' })),
    secretRef: Type.Optional(Foreign({ description: 'As in a container.' })),
  },
  {
    additionalProperties: false,
    description: 'All keys of a ConfigMap or a Secret as variables: exactly one of them.',
    'x-kubernetes-validations': [exactlyOneOf(['configMapRef', 'secretRef'])],
  },
);

const Argument = Text({ description: 'One word of a command.', maxLength: 32768 });

function resources(options: { readonly description: string }) {
  return StringMap(Quantity({ description: 'How much of it.' }), {
    ...options,
    maxProperties: 16,
    default: {},
    'x-kubernetes-validations': [
      {
        rule: "self.all(key, !key.endsWith('/gpu'))",
        message: 'GPUs are set by the plan; ask for them by resources.gpus',
        messageExpression:
          "'%s is set by the plan; remove it and set spec.resources.gpus'.format([self.filter(key, key.endsWith('/gpu'))[0]])",
      },
    ],
  });
}

const mountsHaveVolumes: CelRule = {
  rule: 'self.volumeMounts.all(mount, self.volumes.exists(volume, volume.name == mount.name))',
  message: 'every volumeMount must name a volume of the template',
  messageExpression:
    "'no volume is named %s; volumes: %s'.format([self.volumeMounts.filter(mount, !self.volumes.exists(volume, volume.name == mount.name))[0].name, self.volumes.map(volume, volume.name)])",
  fieldPath: '.volumeMounts',
};

export const PodTemplate = Type.Object(
  {
    labels: StringMap(LabelValue(), {
      description: 'Labels for the pods.',
      maxProperties: 32,
      default: {},
      'x-kubernetes-validations': [noKeyOfOurs],
    }),
    annotations: StringMap(Text({ description: 'Value of the annotation.', maxLength: 4096 }), {
      description: 'Annotations for the pods.',
      maxProperties: 32,
      default: {},
      'x-kubernetes-validations': [noKeyOfOurs],
    }),
    image: Text({ description: 'Container image.', minLength: 1, maxLength: 1024 }),
    imagePullPolicy: Type.Optional(OneOf(['Always', 'IfNotPresent', 'Never'], { description: 'As in a container.' })),
    imagePullSecrets: List(
      Type.Object(
        { name: ObjectName({ description: 'Name of the Secret.' }) },
        { additionalProperties: false, description: 'A Secret.' },
      ),
      {
        description: 'As in a pod.',
        maxItems: 16,
        default: [],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
    ),
    command: Type.Optional(List(Argument, { description: "Default: the image's entry point.", maxItems: 256 })),
    args: Type.Optional(List(Argument, { description: 'Arguments.', maxItems: 256 })),
    workingDir: Type.Optional(Text({ description: 'As in a container.', maxLength: 1024 })),
    env: List(EnvironmentVariable, {
      description: 'As in a container.',
      maxItems: 256,
      default: [],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
    envFrom: List(EnvironmentBundle, { description: 'As in a container.', maxItems: 32, default: [] }),
    requests: resources({
      description: 'Requests of a pod besides GPUs, for example cpu, memory and ephemeral-storage.',
    }),
    limits: resources({ description: 'Limits of a pod besides GPUs and RDMA devices, which the plan sets.' }),
    sharedMemory: Quantity({ description: 'Size limit of /dev/shm, a Kubernetes quantity.', default: '64Gi' }),
    volumes: List(Volume, {
      description: 'As in a pod.',
      maxItems: 64,
      default: [],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
    volumeMounts: List(VolumeMount, {
      description: 'As in a container.',
      maxItems: 64,
      default: [],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['mountPath'],
    }),
    serviceAccountName: Type.Optional(ObjectName({ description: 'As in a pod.' })),
    priorityClassName: Type.Optional(ObjectName({ description: 'As in a pod.' })),
    schedulerName: Type.Optional(ObjectName({ description: 'As in a pod.' })),
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
  {
    additionalProperties: false,
    description: 'The pods that train.',
    'x-kubernetes-validations': [mountsHaveVolumes],
  },
);

export type PodTemplate = Type.Static<typeof PodTemplate>;

function quoted(word: string): string {
  return `'${word}'`;
}
