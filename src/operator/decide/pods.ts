/** What pods are doing, and why not, in words. */
import { LABEL } from '../../api/group.ts';
import type { Pod } from '../kubernetes/pod.ts';
import { describeOutOfMemory } from './out-of-memory.ts';
import { failedContainer, type Termination, terminationOf } from './termination.ts';

/** Names given in full; of the rest only the number. */
const NAMED_PODS = 4;
const NAMED_REASONS = 4;
/** Of a container's termination message, which may be 4 KiB. */
const MESSAGE_LENGTH = 500;
/** What every container does on its way to run. */
const ON_ITS_WAY: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** The pod on the node of a rank. */
export function podOfRank(pods: readonly Pod[], nodeRank: number): Pod | undefined {
  return pods.find(({ metadata }) => metadata.labels?.[LABEL.nodeRank] === String(nodeRank));
}

export function hasStarted({ status }: Pod): boolean {
  return status?.phase === 'Running' || status?.phase === 'Succeeded';
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** The pod that says why all failed: the first, where nothing says when, but none that only lost another one. */
export function firstFailed(pods: readonly Pod[]): Pod | undefined {
  const failed = pods.filter(({ status }) => status?.phase === 'Failed').sort(byFailureTime);
  return failed.find((pod) => !hasLostPeer(pod)) ?? failed[0];
}

/** Whether a pod failed because another one did. */
export function hasLostPeer(pod: Pod): boolean {
  return terminationOf(pod)?.reason === 'PeerLost';
}

function byFailureTime(a: Pod, b: Pod): number {
  return failureTime(a).localeCompare(failureTime(b));
}

function failureTime(pod: Pod): string {
  return failedContainer(pod)?.finishedAt ?? '9999'; // after all that name a time
}

/** Why a pod failed: exit code and termination message of its container, or what Kubernetes says. */
export function describeFailure(pod: Pod): string {
  const { metadata, spec, status } = pod;
  const where = spec.nodeName === undefined ? metadata.name : `${metadata.name} on node ${spec.nodeName}`;
  const container = failedContainer(pod);
  if (container === undefined) return `pod ${where} failed${because(status?.reason, status?.message)}`;
  const said = terminationOf(pod);
  if (said !== undefined) return `pod ${where} ${describeTermination(said, container.exitCode)}`;
  const reason = container.reason === 'Error' ? undefined : container.reason;
  return `pod ${where} failed: exit code ${container.exitCode}${because(reason, container.message)}`;
}

/** A message of ours begins with where it ended. */
function describeTermination(said: Termination, exitCode: number): string {
  const message = said.message?.slice(0, MESSAGE_LENGTH);
  if (said.reason === 'OutOfMemory') return `${describeOutOfMemory(said)}${because('', message)}`;
  return `failed: exit code ${exitCode}${because(said.reason, message)}`;
}

function because(reason?: string, message?: string): string {
  const text = message?.trim().slice(-MESSAGE_LENGTH) ?? ''; // what a program says last is why it ended
  return `${reason === undefined || reason === '' ? '' : ` (${reason})`}${text === '' ? '' : `: ${text}`}`;
}

/** Which pods do not run yet and what they wait for, pods that wait for the same thing together. */
export function describeWaiting(pods: readonly Pod[], desired: number): string {
  const waiting = pods.filter((pod) => pod.status?.phase !== 'Running' && !isFinished(pod));
  const byReason = [...Map.groupBy(waiting, waitingFor)];
  const parts = byReason.slice(0, NAMED_REASONS).map(([reason, group]) => `${namesOf(group)}: ${reason}`);
  const rest = byReason.length - parts.length;
  const started = desired - waiting.length;
  return [`${started} of ${desired} pods run`, ...parts, ...(rest > 0 ? [`and ${rest} other reasons`] : [])].join('; ');
}

function waitingFor({ spec, status }: Pod): string {
  const unscheduled = status?.conditions?.find(
    ({ type, status: value }) => type === 'PodScheduled' && value === 'False',
  );
  if (unscheduled !== undefined) return sentence(unscheduled.reason, unscheduled.message);
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const stuck = containers
    .map(({ state }) => state?.waiting)
    .find((state) => state !== undefined && !ON_ITS_WAY.has(state.reason ?? ''));
  if (stuck !== undefined) return sentence(stuck.reason, stuck.message);
  return spec.nodeName === undefined ? 'not scheduled yet' : 'starting';
}

function sentence(reason = '', message = ''): string {
  return [reason, message.slice(0, MESSAGE_LENGTH)].filter((part) => part !== '').join(': ') || 'waiting';
}

/** Names of pods in a few words. */
export function namesOf(pods: readonly Pod[]): string {
  const names = pods.slice(0, NAMED_PODS).map(({ metadata }) => metadata.name);
  const rest = pods.length - names.length;
  return `${names.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}
