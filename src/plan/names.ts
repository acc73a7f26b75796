/**
 * Names of the objects that belong to a TrainingJob. A job may be named by up to 253 characters, digits first and dots
 * within; a pod's host name and a Service must be a DNS label of RFC 1035 of at most 63.
 */
import { createHash } from 'node:crypto';

const LABEL_LENGTH = 63;
/** Room for `-` and a whole number of 31 bits. */
const NUMBER_LENGTH = 11;
const HASH_LENGTH = 16;
const PLAIN = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** What a shortened name ends in. A job's name that ends so is shortened too, so that no name can pose as another's. */
const HASHED = new RegExp(`-[0-9a-z]{${HASH_LENGTH}}$`);

/**
 * The job's name where it can stand as a DNS label with a number behind it; else its beginning and a hash of the whole.
 * Two jobs of a namespace never get one base name (but for a collision of 80 bits of SHA-256).
 */
export function baseName(jobName: string): string {
  const longest = LABEL_LENGTH - NUMBER_LENGTH;
  if (jobName.length <= longest && PLAIN.test(jobName) && !HASHED.test(jobName)) return jobName;
  const readable = `${/^[a-z]/.test(jobName) ? '' : 'job-'}${jobName.replaceAll('.', '-')}`;
  const beginning = readable.slice(0, longest - HASH_LENGTH - 1).replace(/-+$/, '');
  return `${beginning}-${hashOf(jobName)}`;
}

/** Name of a job's ParallelPlan of a revision, and of the ConfigMap that its pods mount. */
export function planName(jobName: string, revision: number): string {
  return `${baseName(jobName)}-${revision}`;
}

/** Name and host name of the pod on the node of a rank. The same in every attempt, so that two gangs cannot mix. */
export function podName(jobName: string, nodeRank: number): string {
  return `${baseName(jobName)}-${nodeRank}`;
}

/** Name of the headless Service under which the pods' host names resolve. */
export function serviceName(jobName: string): string {
  return baseName(jobName);
}

/** What something is called, as a part of an object's name. */
export function wordsFor(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LABEL_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
}

/** A digest for names and labels: 64 bits of SHA-256, in hexadecimal. */
export function shortDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

function hashOf(text: string): string {
  const bits = createHash('sha256').update(text).digest('hex').slice(0, 20);
  return BigInt(`0x${bits}`).toString(36).padStart(HASH_LENGTH, '0');
}
