/** What pods are doing, and why not, in words. */
import type { Pod } from '../kubernetes/pod.ts';

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

export function hasStarted({ status }: Pod): boolean {
  return status?.phase === 'Running' || status?.phase === 'Succeeded';
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** The pod that failed first; where nothing says, the first of them. */
export function firstFailed(pods: readonly Pod[]): Pod | undefined {
  const failed = pods.filter(({ status }) => status?.phase === 'Failed');
  return failed.sort((a, b) => failureTime(a).localeCompare(failureTime(b)))[0];
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
  const reason = container.reason === 'Error' ? undefined : container.reason;
  return `pod ${where} failed: exit code ${container.exitCode}${because(reason, container.message)}`;
}

function failedContainer({ status }: Pod) {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.map(({ state }) => state?.terminated).find((end) => end !== undefined && end.exitCode !== 0);
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
