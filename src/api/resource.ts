/** What all our resources have in common: apiVersion, kind, metadata. */
import Type, { type TProperties } from 'typebox';
import { API_VERSION } from './group.ts';
import { LabelValue, ObjectName, PartName } from './naming.ts';
import { List, Moment, OneOf, StringMap, Text, WholeNumber, Foreign, type CelRule } from './schema.ts';

/** Metadata of an object, as far as it is read; the API server's own types are in @kubernetes/client-node. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly controller?: boolean;
    readonly blockOwnerDeletion?: boolean;
  }[];
}

const generation = WholeNumber({ description: 'Counts changes.', minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const SET_BY_THE_SERVER = {
  uid: Type.Optional(Text({ description: 'Unique in time.' })),
  resourceVersion: Type.Optional(Text({ description: 'Version of the stored object.' })),
  generation: Type.Optional(generation),
  creationTimestamp: Type.Optional(Moment({ description: 'When the object was created.' })),
  deletionTimestamp: Type.Optional(Moment({ description: 'When its deletion began.' })),
  deletionGracePeriodSeconds: Type.Optional(generation),
  generateName: Type.Optional(Text({ description: 'Start of a name that the server completed.' })),
  selfLink: Type.Optional(Text({ description: 'Not used any more.', maxLength: 1024 })),
  finalizers: Type.Optional(List(Text({ description: 'Finalizer.' }), { description: 'Finalizers.', maxItems: 4096 })),
  ownerReferences: Type.Optional(List(Foreign({ description: 'Owner.' }), { description: 'Owners.', maxItems: 4096 })),
  managedFields: Type.Optional(
    List(Foreign({ description: 'Manager.' }), { description: 'Managers.', maxItems: 4096 }),
  ),
};

/** Bounds are those of the API server, which validates metadata by itself. */
const Metadata = Type.Object(
  {
    name: ObjectName({ description: 'Name, unique among the objects of the kind in the namespace.' }),
    namespace: Type.Optional(PartName({ description: 'Namespace.' })),
    labels: Type.Optional(StringMap(LabelValue(), { description: 'Labels.', maxProperties: 4096 })),
    annotations: Type.Optional(
      StringMap(Text({ description: 'Value.', maxLength: 262144 }), {
        description: 'Annotations.',
        maxProperties: 4096,
      }),
    ),
    ...SET_BY_THE_SERVER,
  },
  { additionalProperties: false, description: 'Metadata of the object.' },
);

/** A custom resource: the kinds of this API add `spec` and may add `status`. */
export function Resource<const K extends string, P extends TProperties>(
  kind: K,
  properties: P,
  options: { readonly description: string; readonly 'x-kubernetes-validations'?: readonly CelRule[] },
) {
  return Type.Object(
    {
      apiVersion: OneOf([API_VERSION], { description: 'Group and version of this API.' }),
      kind: OneOf([kind], { description: 'Kind of the object.' }),
      metadata: Type.Unsafe<ObjectMeta>(Metadata),
      ...properties,
    },
    { additionalProperties: false, ...options },
  );
}
