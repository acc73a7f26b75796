/** What is trained: a preset, a config.json or a list of layers. */
import Type from 'typebox';
import { MODEL_PRESETS } from './presets.ts';
import { ObjectName } from './naming.ts';
import { Bytes, Foreign, List, OneOf, Text, WholeNumber, exactlyOneOf } from './schema.ts';

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
      'x-kubernetes-list-type': 'set',
    }),
    tensorElements: Bytes({
      description:
        'Activation elements for one sample that tensor parallelism reduces among its ranks in the forward pass, and again in the backward pass.',
      default: 0,
    }),
  },
  { additionalProperties: false, description: 'A layer given by its sizes.' },
);

export const ModelSource = Type.Object(
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
          name: ObjectName({ description: 'Name of a ConfigMap in the namespace of the job.' }),
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
    'x-kubernetes-validations': [exactlyOneOf(['preset', 'config', 'configMap', 'layers'])],
  },
);
