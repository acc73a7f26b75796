/** What was measured of a model's layers: `ModelProfile`. */
import Type from 'typebox';
import { Provenance } from './provenance.ts';
import { Resource } from './resource.ts';
import { Bytes, List, Measure, Moment, OneOf, Text, WholeNumber } from './schema.ts';

/** What a figure of a layer depends on. */
const shape = {
  tensor: WholeNumber({ description: 'Tensor-parallel degree.', minimum: 1, default: 1 }),
  sequenceParallel: Type.Boolean({
    description: 'Sequence parallelism between tensor-parallel regions.',
    default: false,
  }),
  recomputation: OneOf(['None', 'Selective', 'Full'], { description: 'Activation recomputation.', default: 'None' }),
  samples: WholeNumber({ description: 'Samples of a micro-batch on the rank.', minimum: 1 }),
};

const PassTime = Type.Object(
  {
    ...shape,
    forwardSeconds: Measure({ description: 'Forward pass of one micro-batch, on one rank.' }),
    backwardSeconds: Type.Optional(
      Measure({
        description:
          'Its backward pass, with the recomputation that belongs to it. Absent: it takes as many times the predicted time as the forward pass does.',
      }),
    ),
  },
  { additionalProperties: false, description: 'Seconds under one shape.' },
);

const ActivationSize = Type.Object(
  { ...shape, bytes: Bytes({ description: 'Kept of one micro-batch from forward to backward pass, on one rank.' }) },
  { additionalProperties: false, description: 'Bytes under one shape.' },
);

const LayerProfile = Type.Object(
  {
    names: List(Text({ description: 'Kind of layer, as the model family names it: block, embedding, head.' }), {
      description: 'The layers measured: one of each kind, all together.',
      minItems: 1,
      maxItems: 16,
      'x-kubernetes-list-type': 'set',
    }),
    parameters: Type.Optional(
      Bytes({ description: 'Parameters of these layers: tells whether the profile is of the model that is planned.' }),
    ),
    exchange: OneOf(['Included', 'Excluded'], {
      description: 'Whether seconds include the exchanges inside the tensor-parallel group.',
      default: 'Excluded',
    }),
    times: List(PassTime, { description: 'Seconds by shape.', maxItems: 4096, default: [] }),
    activations: List(ActivationSize, { description: 'Activation bytes by shape.', maxItems: 4096, default: [] }),
  },
  {
    additionalProperties: false,
    description: 'What was measured of some layers.',
    'x-kubernetes-validations': [
      {
        rule: 'self.times.size() > 0 || self.activations.size() > 0',
        message: 'give times or activations: there are no figures of these layers',
      },
    ],
  },
);

const MeasuredRun = Type.Object(
  {
    plan: Text({ description: 'The ParallelPlan, as NAMESPACE/NAME.', maxLength: 512 }),
    date: Moment({ description: 'When it was measured.' }),
    steps: WholeNumber({ description: 'Steps that stepSeconds is the mean of.', minimum: 1 }),
    stepSeconds: Measure({ description: 'Measured time of a step.' }),
    computationSeconds: Measure({
      description: "Predicted of the GPUs' own work in a step, without corrections.",
    }),
    communicationSeconds: Measure({
      description: 'Predicted of exchanges among GPUs in a step, without corrections.',
    }),
    memoryRatio: Type.Optional(
      Measure({
        description:
          'Measured peak memory over the predicted one, without corrections, of the stage where it is largest.',
      }),
    ),
  },
  { additionalProperties: false, description: 'A run of a plan.' },
);

const Corrections = Type.Object(
  {
    modelProfile: Type.Optional(
      Text({ description: 'The ModelProfile that the plans were made from; absent: this one, or none.' }),
    ),
    hardwareProfile: Type.Optional(Text({ description: 'The HardwareProfile; absent: none.' })),
    computation: Measure({ description: "Factor on seconds of the GPUs' own work." }),
    communication: Measure({ description: 'Factor on seconds of exchanges among GPUs.' }),
    memory: Measure({ description: 'Factor on bytes of memory; never below 1.' }),
    runs: List(MeasuredRun, {
      description: 'The runs that this is worked out from, oldest first.',
      minItems: 1,
      maxItems: 32,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['plan'],
    }),
  },
  { additionalProperties: false, description: 'By how much runs have shown figures to be wrong.' },
);

export const ModelProfile = Resource(
  'ModelProfile',
  {
    spec: Type.Object(
      {
        provenance: Provenance,
        model: Text({ description: "The model's name, as plans give it: a preset's, or the family with its size." }),
        modelDigest: Type.Optional(
          Text({
            description:
              "Digest of the layers' operators, by which a job's profile is found; absent: it is found by the name.",
            maxLength: 64,
          }),
        ),
        precision: OneOf(['BF16', 'FP16', 'FP32'], { description: 'Precision of computation.' }),
        sequenceLength: Type.Optional(
          WholeNumber({ description: 'Tokens in a sample; absent for images.', minimum: 1 }),
        ),
        layers: List(LayerProfile, { description: 'Figures of layers.', maxItems: 256, default: [] }),
        corrections: Type.Optional(Corrections),
      },
      {
        additionalProperties: false,
        description: 'The figures.',
        'x-kubernetes-validations': [
          {
            rule: 'self.layers.size() > 0 || has(self.corrections)',
            message: 'give layers or corrections: there are no figures',
          },
        ],
      },
    ),
  },
  {
    description:
      "Measured times and sizes of a model's layers. Jobs of its namespace are planned from it; one that has its plan keeps it when the profile changes.",
  },
);

export type ModelProfile = Type.Static<typeof ModelProfile>;
export type MeasuredRun = Type.Static<typeof MeasuredRun>;
export type ProfileCorrections = Type.Static<typeof Corrections>;
export type LayerProfile = Type.Static<typeof LayerProfile>;
