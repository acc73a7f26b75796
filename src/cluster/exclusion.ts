import { ANNOTATION } from '../api/group.ts';
import { type Candidate, freeGpus, gpusOf } from './candidate.ts';
import { GPU_RESOURCES } from './node-facts.ts';
import type { NodeCondition, Time } from './objects.ts';
import { OVERRIDE } from './readers.ts';
import { describeTaint, untolerated } from './taints.ts';
import { listOf } from './text.ts';
import type { Exclusion } from './topology.ts';

/** Why a job cannot use a node, or undefined where nothing speaks against it. */
export function exclusionOf(of: Candidate): Exclusion | undefined {
  for (const check of CHECKS) {
    const exclusion = check(of);
    if (exclusion !== undefined) {
      return exclusion;
    }
  }
  return undefined;
}

/** In order; the first reason is given. What a person must change for good stands before what passes by itself. */
const CHECKS: readonly ((of: Candidate) => Exclusion | undefined)[] = [
  unusableGpus,
  withoutGpus,
  selectorMismatch,
  contradictoryVendors,
  contradictoryProducts,
  unknownProduct,
  missingRdma,
  otherDevice,
  deleted,
  cordoned,
  notReady,
  tainted,
  nothingFree,
];

function unusableGpus({ reading }: Candidate): Exclusion | undefined {
  return reading.unusable;
}

function withoutGpus({ node, facts }: Candidate): Exclusion | undefined {
  if (facts.gpuResources.length > 0) {
    return undefined;
  }
  const capacity = GPU_RESOURCES.find((resource) => /[1-9]/.test(node.status?.capacity?.[resource] ?? ''));
  if (capacity !== undefined) {
    return { cause: 'no GPU allocatable', reason: `no GPU allocatable: all of ${capacity} are unhealthy` };
  }
  const present = ['pci-10de', 'pci-1002'].some(
    (card) => facts.labels.get(`feature.node.kubernetes.io/${card}.present`) === 'true',
  );
  return present
    ? { cause: 'no GPU allocatable', reason: 'no GPU allocatable: the device plugin has not reported any' }
    : { cause: 'no GPUs', reason: 'no GPUs' };
}

function selectorMismatch({ node, selection }: Candidate): Exclusion | undefined {
  const labels = node.metadata?.labels ?? {};
  const mismatch = Object.entries(selection.nodeSelector ?? {}).find(([key, value]) => labels[key] !== value);
  if (mismatch === undefined) {
    return undefined;
  }
  const [key, value] = mismatch;
  const is = labels[key] === undefined ? 'is missing' : `is ${JSON.stringify(labels[key])}`;
  return {
    cause: `nodeSelector does not match: ${key}`,
    reason: `nodeSelector does not match: label ${key} ${is}, must be ${JSON.stringify(value)}`,
  };
}

function contradictoryVendors({ facts }: Candidate): Exclusion | undefined {
  const cause = 'contradictory resources';
  return facts.gpuResources.length < 2
    ? undefined
    : { cause, reason: `${cause}: offers both ${facts.gpuResources.join(' and ')}` };
}

/** Two sources may word one product differently (`A100-SXM4-40GB`, `NVIDIA-A100`), but not name two models. */
function contradictoryProducts({ sources }: Candidate): Exclusion | undefined {
  const named = sources.flatMap(({ source, reading: { product } }) =>
    product === undefined ? [] : { source, product },
  );
  const [first] = named;
  const other = named.find(({ product }) => modelOf(product) !== modelOf(first?.product ?? ''));
  if (first === undefined || other === undefined || first.source === OVERRIDE) {
    return undefined;
  }
  const cause = 'contradictory labels';
  return {
    cause,
    reason: `${cause}: ${first.source} says ${first.product}, ${other.source} says ${other.product}`,
  };
}

/** First word of a product that is no maker's or family's name: `A100` of `NVIDIA-A100-SXM4-40GB`. */
function modelOf(product: string): string | undefined {
  const words = product.toUpperCase().split(/[-_ ]+/);
  return words.find((word) => !['NVIDIA', 'TESLA', 'GEFORCE', 'QUADRO', 'AMD', 'INSTINCT', 'RADEON'].includes(word));
}

function unknownProduct({ reading }: Candidate): Exclusion | undefined {
  return reading.product !== undefined
    ? undefined
    : {
        cause: 'GPU product unknown',
        reason: `GPU product unknown: no label names it; name it in the annotation ${ANNOTATION.nodeOverride}`,
      };
}

/** Only the annotation can name a resource that is not there. */
function missingRdma({ facts, reading: { rdmaResource } }: Candidate): Exclusion | undefined {
  if (rdmaResource === undefined || rdmaResource === null || facts.allocatable.has(rdmaResource)) {
    return undefined;
  }
  const cause = 'RDMA resource missing';
  return {
    cause,
    reason: `${cause}: annotation ${ANNOTATION.nodeOverride} names ${rdmaResource}, of which none is allocatable`,
  };
}

function otherDevice({ reading, selection: { device } }: Candidate): Exclusion | undefined {
  const { product = '', memoryBytes = null } = reading;
  return device === undefined || device.matches(product, memoryBytes)
    ? undefined
    : { cause: `not ${device.name}`, reason: `has ${product}, not ${device.name}` };
}

function deleted({ node }: Candidate): Exclusion | undefined {
  return node.metadata?.deletionTimestamp === undefined
    ? undefined
    : { cause: 'being deleted', reason: 'being deleted' };
}

function cordoned({ node }: Candidate): Exclusion | undefined {
  return node.spec?.unschedulable === true ? { cause: 'cordoned', reason: 'cordoned (spec.unschedulable)' } : undefined;
}

function notReady({ node }: Candidate): Exclusion | undefined {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') {
    return undefined;
  }
  return { cause: 'not ready', reason: ready === undefined ? 'not ready: never reported' : describeCondition(ready) };
}

function describeCondition({ lastTransitionTime, reason, message }: NodeCondition): string {
  const since = lastTransitionTime === undefined ? '' : ` since ${timestamp(lastTransitionTime)}`;
  const why = [reason, message].filter((text) => text !== undefined && text !== '').join(', ');
  return `not ready${since}${why === '' ? '' : `: ${why}`}`;
}

function timestamp(time: Time): string {
  return time instanceof Date && !Number.isNaN(time.getTime())
    ? time.toISOString().replace('.000Z', 'Z')
    : String(time);
}

function tainted({ node, selection }: Candidate): Exclusion | undefined {
  const taint = untolerated(node.spec?.taints ?? [], selection.tolerations ?? []);
  if (taint === undefined) {
    return undefined;
  }
  const reason = `taint ${describeTaint(taint)} is not tolerated`;
  return { cause: reason, reason };
}

function nothingFree(of: Candidate): Exclusion | undefined {
  if (freeGpus(of) > 0) {
    return undefined;
  }
  const { resource, gpus } = gpusOf(of);
  const holders = of.pods
    .map(({ pod, request }) => ({ pod, count: request(resource) }))
    .filter(({ count }) => count > 0);
  const requested = holders.reduce((sum, { count }) => sum + count, 0);
  const reserved = of.selection.reservations?.get(of.facts.name) ?? 0;
  const parts = [
    ...(requested > 0 ? [`${requested} of ${gpus} GPUs requested by ${describeHolders(holders)}`] : []),
    ...(reserved > 0 ? [`${reserved} of ${gpus} GPUs reserved by plans of other jobs`] : []),
  ];
  return { cause: 'all GPUs in use', reason: parts.join(', ') };
}

function describeHolders(holders: readonly { readonly pod: string; readonly count: number }[]): string {
  const largest = holders.toSorted((one, other) => other.count - one.count || (one.pod < other.pod ? -1 : 1));
  return `${holders.length === 1 ? 'pod' : 'pods'} ${listOf(largest.map(({ pod }) => pod))}`;
}
