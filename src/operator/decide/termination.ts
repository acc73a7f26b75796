/** What a training program says of its end, as a line of JSON in the termination message (docs/runtime.md). */
import type { Pod } from '../kubernetes/pod.ts';

/** Whatever a tenant's program writes there: nothing is taken for granted. */
export interface Termination {
  readonly reason: string;
  readonly message: string | undefined;
  readonly stage: number | undefined;
  readonly layer: number | undefined;
  /** Of the GPU that memory ran out on: as planned, and as it was with what was asked for last. */
  readonly plannedBytes: number | undefined;
  readonly actualBytes: number | undefined;
}

/** What the container of a pod said that ended with an exit code other than 0; undefined where that is no such line. */
export function terminationOf(pod: Pod): Termination | undefined {
  const said = objectIn(failedContainer(pod)?.message);
  if (typeof said?.reason !== 'string' || !/^[A-Za-z]{1,64}$/.test(said.reason)) return undefined;
  const wholeNumber = (field: string) => {
    const value = said[field];
    return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
  };
  return {
    reason: said.reason,
    message: typeof said.message === 'string' ? said.message : undefined,
    stage: wholeNumber('stage'),
    layer: wholeNumber('layer'),
    plannedBytes: wholeNumber('plannedBytes'),
    actualBytes: wholeNumber('actualBytes'),
  };
}

export function failedContainer({ status }: Pod) {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return containers.map(({ state }) => state?.terminated).find((end) => end !== undefined && end.exitCode !== 0);
}

function objectIn(text = ''): Readonly<Record<string, unknown>> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>; // text that begins so is an object, or none at all
  } catch {
    return undefined;
  }
}
