/** What a job's pod template may not set, because the plan sets it: checked in order, the first fault is reported. */
import { UserError } from '../api/errors.ts';
import { GROUP } from '../api/group.ts';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { PodTemplate } from '../api/training-job.ts';
import { PLAN_VARIABLES } from './environment.ts';
import { PLAN_FOLDER } from './files.ts';
import { SHARED_MEMORY_FOLDER, VOLUME } from './pods.ts';

type Resources = Pick<ParallelPlanSpec, 'gpuResource' | 'rdma'>;
type Check = (template: PodTemplate, resources: Resources) => UserError | null;

/**
 * Checks that pods can be made of a template: that nothing in it stands against what the plan sets.
 *
 * @throws UserError naming the first fault and what would work.
 */
export function checkTemplate(template: PodTemplate, resources: Resources): void {
  const checks: readonly Check[] = [variables, volumes, mounts, metadata, quantities];
  for (const check of checks) {
    const fault = check(template, resources);
    if (fault !== null) throw fault;
  }
}

const variables: Check = ({ env }) =>
  forbid('env', names(env), (name) => PLAN_VARIABLES.has(name), 'is set by the plan; remove it or use another name');

const volumes: Check = (template) => {
  const taken: readonly string[] = Object.values(VOLUME);
  return forbid(
    'volumes',
    names(template.volumes),
    (name) => taken.includes(name),
    'is in every pod; use another name',
  );
};

const mounts: Check = ({ volumeMounts }) => {
  const paths = volumeMounts.map(({ mountPath }) => mountPath.replace(/\/+$/, ''));
  return (
    forbid('volumeMounts', paths, (path) => path === PLAN_FOLDER, 'holds the plan; mount elsewhere') ??
    forbid('volumeMounts', paths, (path) => path === SHARED_MEMORY_FOLDER, 'is in every pod; size it by sharedMemory')
  );
};

const metadata: Check = ({ labels, annotations }) => {
  const ours = (key: string) => key.startsWith(`${GROUP}/`);
  return (
    forbid('labels', Object.keys(labels), ours, 'is set by the operator; remove it') ??
    forbid('annotations', Object.keys(annotations), ours, 'is set by the operator; remove it')
  );
};

const quantities: Check = ({ limits, requests }, { gpuResource, rdma }) => {
  const planned = (resource: string) => resource === gpuResource || resource === rdma?.resource;
  return (
    forbid('limits', Object.keys(limits), planned, 'is set by the plan; remove it') ??
    forbid('requests', Object.keys(requests), planned, 'is set by the plan; remove it')
  );
};

function names(parts: readonly { readonly name: string }[]): string[] {
  return parts.map(({ name }) => name);
}

/** Null, or an error that names the first of `words` for which `matches` holds. */
function forbid(
  part: string,
  words: readonly string[],
  matches: (word: string) => boolean,
  why: string,
): UserError | null {
  const word = words.find(matches);
  return word === undefined ? null : new UserError({ field: `spec.template.${part}`, problem: `${word} ${why}` });
}
