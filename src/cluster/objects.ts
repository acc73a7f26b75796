/**
 * Node and Pod of the Kubernetes API, as far as they are read here. The client library's classes are such, and so is
 * plain JSON.
 */

type Strings = Readonly<Record<string, string>>;

interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Strings;
  readonly annotations?: Strings;
  readonly deletionTimestamp?: Time;
}

/** The client library parses times; JSON has their text. */
export type Time = Date | string;

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: Time;
  readonly reason?: string;
  readonly message?: string;
}

export interface NodeObject {
  readonly metadata?: Metadata;
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] };
  readonly status?: {
    readonly capacity?: Strings;
    readonly allocatable?: Strings;
    readonly conditions?: readonly NodeCondition[];
  };
}

export interface Container {
  /** Of an init container, `Always` makes it a sidecar. */
  readonly restartPolicy?: string;
  readonly resources?: { readonly requests?: Strings; readonly limits?: Strings };
}

export interface PodObject {
  readonly metadata?: Metadata;
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: { readonly phase?: string };
}
