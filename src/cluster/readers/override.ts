import Type from 'typebox';
import { Value } from 'typebox/value';
import { ANNOTATION } from '../../api/group.ts';
import { Bytes, List, OneOf, Text } from '../../api/schema.ts';
import type { NodeFacts } from '../node-facts.ts';
import { type Reading, reading } from '../reading.ts';
import type { FabricKind } from '../topology.ts';
import { GIGABIT_PER_SECOND } from '../units.ts';

const FABRIC_KINDS: readonly FabricKind[] = ['infiniband', 'roce', 'efa', 'ethernet'];

interface FabricOverride {
  readonly kind: FabricKind;
  readonly gigabitsPerSecond?: number;
}

function TextOrNull(description: string) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 253, description });
}

/** The annotation's value, docs/nodes.md. What it gives replaces what any label says; null says that there is none. */
const NodeOverride = Type.Object(
  {
    product: Type.Optional(Text({ description: 'Product of the GPUs.', minLength: 1 })),
    memoryBytes: Type.Optional(Bytes({ description: 'Memory of one GPU.' })),
    interconnect: Type.Optional(OneOf(['nvlink', 'xgmi', 'pcie'], { description: 'How GPUs in the node connect.' })),
    nvlinkDomain: Type.Optional(TextOrNull('NVLink domain beyond the node, unique in the cluster.')),
    path: Type.Optional(
      List(
        Type.Object(
          {
            level: Text({ description: 'What kind of place: rack, leaf.', minLength: 1 }),
            name: Text({ description: 'Its name.', minLength: 1 }),
          },
          { additionalProperties: false },
        ),
        { description: 'Places in the network, widest first.', maxItems: 8 },
      ),
    ),
    fabric: Type.Optional(
      Type.Unsafe<FabricOverride | null>({
        type: ['object', 'null'],
        required: ['kind'],
        properties: {
          kind: { type: 'string', enum: FABRIC_KINDS },
          gigabitsPerSecond: { type: 'number', exclusiveMinimum: 0 },
        },
        additionalProperties: false,
      }),
    ),
    rdmaResource: Type.Optional(TextOrNull('RDMA resource that pods ask for.')),
  },
  { additionalProperties: false },
);

type NodeOverride = Type.Static<typeof NodeOverride>;

/** What an administrator wrote about the node. Malformed, it takes the node out: to guess on would be worse. */
export function override({ override: text }: NodeFacts): Reading {
  if (text === undefined) {
    return {};
  }
  const value = parse(text);
  const problem = problemOf(value);
  if (problem === undefined) {
    return readingOf(Value.Parse(NodeOverride, value));
  }
  const cause = `annotation ${ANNOTATION.nodeOverride} is malformed`;
  return { unusable: { cause, reason: `${cause}: ${problem}` } };
}

/** The JSON value, or undefined (which is not JSON) where the text is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(value: unknown): string | undefined {
  if (value === undefined) {
    return 'not JSON';
  }
  const [error] = Value.Errors(NodeOverride, value);
  if (error === undefined) {
    return undefined;
  }
  const field = error.instancePath.split('/').slice(1).join('.');
  return field === '' ? error.message : `${field} ${explain(error)}`;
}

function explain(error: ReturnType<typeof Value.Errors>[number]): string {
  if (error.keyword === 'enum') {
    return `must be one of ${error.params.allowedValues.join(', ')}`;
  }
  // The schema of a field that is not known is `false`.
  return error.keyword === 'boolean' ? 'is no field of it' : error.message;
}

function readingOf({ path, fabric, ...fields }: NodeOverride): Reading {
  const gigabits = fabric?.gigabitsPerSecond;
  return reading({
    product: fields.product,
    memoryBytes: fields.memoryBytes,
    interconnect: fields.interconnect,
    nvlinkDomain: fields.nvlinkDomain,
    zone: path === undefined ? undefined : [],
    path,
    fabricKind: fabric === null ? null : fabric?.kind,
    fabricBytesPerSecond: gigabits === undefined ? undefined : gigabits * GIGABIT_PER_SECOND,
    rdmaResource: fields.rdmaResource,
  });
}
