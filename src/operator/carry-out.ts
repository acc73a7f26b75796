/** Does what was decided, in an order that can stop anywhere: what is missing is done by the next reconcile. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Readable } from 'node:stream';
import type { Logger } from 'winston';
import { FIELD_MANAGER, LABEL, STATUS_FIELD_MANAGER } from '../api/group.ts';
import type { Decision, EventNote } from './decide/decision.ts';
import { ApiError } from './kubernetes/api-error.ts';
import type { KubernetesClient } from './kubernetes/client.ts';
import type { TrainingJob } from './kubernetes/custom-resources.ts';
import type { DesiredObject, StoredObject } from './kubernetes/objects.ts';
import { RESOURCE, resourceOf } from './kubernetes/resources.ts';

/** Requests for one job at a time. */
const CONCURRENCY = 16;
/** Statuses by which the API server says that asking again will not help by itself. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 409, 422]);
const NOTE_LENGTH = 1024;
/** Of a job's name in the name of an event, which has 253 characters and ends in a UUID. */
const NAME_LENGTH = 200;

/** An object that the API server would not have, or that belongs to somebody else. */
export class RefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RefusedError';
  }
}

export interface Actor {
  readonly client: KubernetesClient;
  /** Takes over what a write returned. */
  readonly put: (object: StoredObject) => void;
  readonly log: Logger;
}

/**
 * Applies and deletes objects.
 *
 * @throws RefusedError where an object is refused.
 */
export async function applyObjects(decision: Decision, job: TrainingJob, { client, put }: Actor): Promise<void> {
  const [pods, others] = partition(decision.apply, ({ kind }) => kind === 'Pod');
  for (const object of others) {
    await checkOwner(object, job, client);
    put(await apply(object, client));
  }
  await each(pods, async (pod) => {
    put(await apply(pod, client));
  });
  await each(decision.delete, (reference) => client.delete(reference));
}

/** Keeps what is learnt, as well as it can be. */
export async function keepLesson({ keep }: Decision, job: TrainingJob, { client, put, log }: Actor): Promise<void> {
  if (keep === undefined) return;
  try {
    await checkOwner(keep, job, client);
    put(await apply(keep, client));
  } catch (error) {
    log.warn('what a run has shown could not be kept', { object: nameOf(keep), error: String(error) });
  }
}

/** Writes the status, unless somebody changed the job since it was read, and then tells of it. */
export async function reportStatus(decision: Decision, job: TrainingJob, { client, put, log }: Actor): Promise<void> {
  const { status, events } = decision;
  if (status === undefined) return;
  const { apiVersion, kind } = job;
  const { name, namespace, uid, resourceVersion } = job.metadata;
  const object = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status };
  put(await client.applyStatus(object, STATUS_FIELD_MANAGER));
  for (const note of events) {
    await client.create(eventOf(note, job)).catch((error: unknown) => {
      log.warn('an event could not be written', { reason: note.reason, error: String(error) });
    });
  }
}

/** Fields that others own are left to them: an object of ours that is missing has none. */
async function apply(object: DesiredObject, client: KubernetesClient): Promise<StoredObject> {
  try {
    return await client.apply(object, FIELD_MANAGER);
  } catch (error) {
    if (!(error instanceof ApiError) || !REFUSALS.has(error.code)) throw error;
    throw new RefusedError(`${nameOf(object)} was refused: ${error.detail}`, { cause: error });
  }
}

/** Two objects cannot have one name, and to apply ours over another's would be to take it over. */
async function checkOwner(object: DesiredObject, job: TrainingJob, client: KubernetesClient): Promise<void> {
  const { name = '', namespace } = object.metadata ?? {};
  const present = await client.get(resourceOf(object), name, namespace);
  const owner = present?.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
  if (present === undefined || owner === job.metadata.uid || isProfileOf(present, job)) return;
  throw new RefusedError(`${nameOf(object)} is there already and is not this job's; rename it or the job.`);
}

/** Profiles stay when their job goes, and have no owner: those that pods of the namespace measured are measured anew in place. */
function isProfileOf({ kind, metadata }: StoredObject, job: TrainingJob): boolean {
  const isProfile = kind === RESOURCE.modelProfile.kind || kind === RESOURCE.hardwareProfile.kind;
  return isProfile && metadata.labels?.[LABEL.measuredIn] === job.metadata.namespace;
}

function eventOf({ type, reason, message }: EventNote, { apiVersion, kind, metadata }: TrainingJob) {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion: RESOURCE.event.apiVersion,
    kind: RESOURCE.event.kind,
    metadata: { name: `${name.slice(0, NAME_LENGTH).replace(/[^a-z0-9]+$/, '')}.${randomUUID()}`, namespace },
    eventTime: new Date().toISOString().replace('Z', '000Z'), // MicroTime has six decimals
    reportingController: 'uniap.dev/operator',
    reportingInstance: hostname(),
    action: 'Reconcile',
    type,
    reason,
    note: message.slice(0, NOTE_LENGTH),
    regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
  };
}

function nameOf({ kind = '', metadata }: DesiredObject): string {
  return `${kind} ${metadata?.name ?? ''}`;
}

/** Acts on some items at a time, and stops at the first failure. */
async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  await Readable.from(items).forEach(act, { concurrency: CONCURRENCY });
}

function partition<T>(items: readonly T[], predicate: (item: T) => boolean): [T[], T[]] {
  return [items.filter(predicate), items.filter((item) => !predicate(item))];
}
