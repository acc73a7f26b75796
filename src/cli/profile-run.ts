/** Measures a job by hand: with the pods that the operator would make, of a job that need not be there. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../api/errors.ts';
import { LABEL } from '../api/group.ts';
import type { HardwareProfile } from '../api/hardware-profile.ts';
import type { ModelProfile } from '../api/model-profile.ts';
import { describeFailure, describeWaiting, firstFailed, podOfRank } from '../operator/decide/pods.ts';
import type { KubernetesClient } from '../operator/kubernetes/client.ts';
import { type DesiredObject, referenceTo, type StoredObject } from '../operator/kubernetes/objects.ts';
import type { Pod } from '../operator/kubernetes/pod.ts';
import { RESOURCE } from '../operator/kubernetes/resources.ts';
import { getFromPod } from '../operator/pod-http.ts';
import { readAnswer } from '../operator/profiling/answer.ts';
import { profilesOf } from '../operator/profiling/keep.ts';
import { type Measurement, measurementOf } from '../operator/profiling/measurement.ts';
import { buildProfilingConfigMap, buildProfilingPods, LONGEST_SECONDS } from '../operator/profiling/pods.ts';
import { profilingProgram } from '../operator/profiling/program.ts';
import { modelDigest, placeOf } from '../plan/profile-library.ts';
import { buildService } from '../plan/service.ts';
import { namespaceOf } from './job.ts';
import type { PlannedJob } from './planned-job.ts';

const ROUND_MS = 2000;

export interface ProfileRun {
  readonly client: KubernetesClient;
  readonly planned: PlannedJob;
  /** Told how far it is, a line at a time. */
  readonly report: (line: string) => void;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

/**
 * The profiles of a job on the nodes of its plan. What is made for it is removed again, whatever happens.
 *
 * @throws {UserError} where the job's container does not run the runtime, or measuring fails
 */
export async function runProfile(run: ProfileRun): Promise<(ModelProfile | HardwareProfile)[]> {
  const { client, planned } = run;
  const measurement = measurementFor(planned);
  const made: StoredObject[] = [];
  try {
    for (const object of objectsFor(measurement, planned.config)) made.push(await client.create(object));
    const text = await answerFrom(measurement, run);
    return profilesOf(measurement, readAnswer(text), { config: planned.config, now: Date.now() });
  } finally {
    await remove(made, run);
  }
}

/** Tries all of them: nothing owns them, so that what is left stays until somebody removes it. */
async function remove(made: readonly StoredObject[], { client, report }: ProfileRun): Promise<void> {
  const outcomes = await Promise.allSettled(made.map((object) => client.delete(referenceTo(object))));
  for (const [index, { status }] of outcomes.entries()) {
    const object = made[index];
    if (status === 'rejected' && object !== undefined) {
      report(`could not remove ${object.kind} ${object.metadata.name}: remove it by hand`);
    }
  }
}

function measurementFor({ job: { metadata, spec }, outcome: { plan, site } }: PlannedJob): Measurement {
  if (profilingProgram(spec.template) === undefined) {
    throw new UserError({
      field: 'spec.template.command',
      problem: 'the container does not run uniap-runtime, so that it cannot measure',
      remedy: 'use an image that has it, and a command such as [uniap-runtime, train]',
    });
  }
  const { workload, allocation } = site;
  const { drivers = [] } = allocation;
  const subject = {
    ...placeOf({ allocation, hardware: workload.hardware }),
    modelDigest: modelDigest(workload.model),
    drivers,
  };
  // Of a name and a uid that no job has: the operator takes it for nobody's.
  const job = { name: `profile-${metadata.name}`, namespace: namespaceOf(metadata), uid: randomUUID(), spec };
  return measurementOf(job, plan, { names: {}, missing: [], subject });
}

function objectsFor(measurement: Measurement, config: PlannedJob['config']): readonly DesiredObject[] {
  const objects = [
    buildService(measurement.job),
    buildProfilingConfigMap(measurement, config),
    ...buildProfilingPods(measurement),
  ];
  return objects.map(({ metadata, ...object }) => ({ ...object, metadata: withoutOwner(metadata) }));
}

/** Nothing owns them: an owner that is not there would have them removed. */
function withoutOwner<T extends { ownerReferences?: unknown }>(metadata: T | undefined): Omit<T, 'ownerReferences'> {
  const copy = { ...metadata };
  delete copy.ownerReferences;
  return copy as Omit<T, 'ownerReferences'>; // TypeScript does not follow the deletion
}

async function answerFrom(measurement: Measurement, { client, report, signal }: ProfileRun): Promise<string> {
  const { job, nodes } = measurement;
  const deadline = Date.now() + LONGEST_SECONDS * 1000;
  const labelSelector = `${LABEL.jobUid}=${job.uid}`;
  let said = '';
  while (Date.now() < deadline) {
    const { items: pods } = await client.list(RESOURCE.pod, { namespace: job.namespace, labelSelector });
    const failed = firstFailed(pods);
    if (failed !== undefined) throw new UserError({ problem: `measuring failed: ${describeFailure(failed)}` });
    const progress = describeWaiting(pods, nodes.length);
    if (progress !== said) report(progress);
    said = progress;
    const answer = await ask(client, podOfRank(pods, 0), job.spec.monitoring.port);
    if (answer !== undefined) return answer;
    await delay(ROUND_MS, undefined, { signal });
  }
  throw new UserError({ problem: `measuring was not done after ${LONGEST_SECONDS} s: ${said}` });
}

/** Asks the pod itself, or through the API server where its network cannot be reached; undefined where it is not done. */
async function ask(client: KubernetesClient, pod: Pod | undefined, port: number): Promise<string | undefined> {
  if (pod?.status?.phase !== 'Running') return undefined;
  const page = { port, path: '/profile' };
  try {
    const { status, body } = await getFromPod(pod, page, AbortSignal.timeout(ROUND_MS));
    return status === 200 ? body : undefined;
  } catch {
    return client.getThroughPod(pod, page).catch(() => undefined);
  }
}
