/** The real helm, the chart, and what is read from what it prints. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../cluster/cluster.ts';
import { buildControlPlane } from '../cluster/build.ts';

export const CHART = 'charts/uniap-operator';
export const BASE = 'deploy/base';

/** Runs helm, as administrator where there is a cluster, and returns what it prints; throws with what it complains of. */
export async function helm(cluster: Cluster | undefined, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ...(cluster && { KUBECONFIG: cluster.kubeconfig }) };
  const program = join(await buildControlPlane(), 'helm');
  return (await promisify(execFile)(program, args, { env, maxBuffer: 2 ** 24 })).stdout;
}

/** An object as helm and kubectl print it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly template?: { readonly spec: Readonly<Record<string, unknown>> } };
}

export function objectsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null) // null: nothing but comments
    .filter((object) => object !== null);
}

/** What `helm template` makes, without the pod of `helm test`, which is not installed. */
export async function rendered(...options: readonly string[]): Promise<readonly Manifest[]> {
  const text = await helm(undefined, 'template', 'uniap-operator', CHART, '--namespace=uniap-system', ...options);
  return objectsOf(text).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined);
}

/** Turns on everything that is off by default. */
export const EVERYTHING = [
  'podDisruptionBudget',
  'networkPolicy',
  'serviceMonitor',
  'podMonitor',
  'prometheusRule',
  'dashboards',
].map((value) => `--set=${value}.create=true`);
