/** What all our resources have in common: apiVersion, kind, metadata. */
import Type, { type TProperties } from 'typebox';
import { API_VERSION } from './group.ts';
import { OneOf } from './schema.ts';

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

/** A custom resource: the kinds of this API add `spec` and may add `status`. */
export function Resource<const K extends string, P extends TProperties>(
  kind: K,
  properties: P,
  options: Parameters<typeof Type.Object>[1] & { readonly description: string },
) {
  return Type.Object(
    {
      apiVersion: OneOf([API_VERSION], { description: 'Group and version of this API.' }),
      kind: OneOf([kind], { description: 'Kind of the object.' }),
      metadata: Type.Unsafe<ObjectMeta>({ type: 'object', description: 'Metadata of the object.' }),
      ...properties,
    },
    { additionalProperties: false, ...options },
  );
}
