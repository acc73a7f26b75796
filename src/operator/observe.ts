/** Gathers everything that a decision about a job depends on. */
import { planName } from '../plan/names.ts';
import { answers, type ClusterView } from './cluster-view.ts';
import { planInForce } from './decide/facts.ts';
import { planningDigest } from './decide/planning-digest.ts';
import { podOfRank } from './decide/pods.ts';
import type { JobInputs, JobState } from './decide/state.ts';
import type { Figures } from './figures/figures.ts';
import { obstaclesOf, otherHolders } from './free-nodes.ts';
import type { ParallelPlan, TrainingJob } from './kubernetes/custom-resources.ts';
import type { Pod } from './kubernetes/pod.ts';
import type { PlanningDesk } from './planning/planning-desk.ts';
import type { ProfileReader } from './profiling/profile-reader.ts';

export interface Sources {
  readonly view: ClusterView;
  readonly desk: PlanningDesk;
  /** What pods that measure have said. */
  readonly profiles: ProfileReader;
  /** What pods of a job say of their steps. */
  readonly figuresOf: (key: string, pods: readonly Pod[]) => Figures | undefined;
  /** Reads the objects that a job names. */
  readonly inputsOf: (job: TrainingJob) => Promise<JobInputs>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export async function observe(key: string, job: TrainingJob, sources: Sources): Promise<JobState> {
  const { view, desk, profiles, figuresOf, inputsOf, now } = sources;
  const inputs = await inputsOf(job);
  const digest = planningDigest(job.spec, inputs);
  const plans = view.plansOf(job);
  const [pods, profilingPods] = [view.podsOf(job), view.profilingPodsOf(job)];
  const plan = planInForce(plans, digest, pods[0]);
  const nextRevision = firstFreeRevision(view, job, plans);
  return {
    job,
    digest,
    plans,
    nextRevision,
    pods,
    profilingPods,
    profileReading: profiles.of(key, podOfRank(profilingPods, 0)),
    silentNodes: silentNodes(view, pods),
    inputs,
    present: {
      service: view.hasService(job),
      configMap: view.hasConfigMap(job, planName(job.metadata.name, plan?.spec.revision ?? nextRevision)),
    },
    planning: inputs.kind === 'ready' ? desk.stateOf(key, { job, digest, inputs }) : { kind: 'idle' },
    // Whether nodes are free matters before there are pods; afterwards the pods hold them.
    obstacles: plan === undefined || pods.length > 0 ? [] : obstacles(job, plan, sources),
    modelProfiles: view.modelProfiles.list().filter(({ metadata }) => metadata.namespace === job.metadata.namespace),
    figures: figuresOf(key, pods),
    now: now(),
  };
}

function obstacles(job: TrainingJob, { spec }: ParallelPlan, { view, desk }: Sources): readonly string[] {
  return obstaclesOf(view, job, spec, otherHolders(view, job, desk.unrecorded()));
}

function silentNodes({ nodes }: ClusterView, pods: readonly Pod[]): readonly string[] {
  const names = new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []));
  return [...names].filter((name) => !answers(nodes.get('', name)));
}

/** The revision after the last; a plan of a user's may have its name by chance. */
function firstFreeRevision(view: ClusterView, { metadata }: TrainingJob, plans: readonly ParallelPlan[]): number {
  let revision = (plans.at(-1)?.spec.revision ?? 0) + 1;
  while (view.plans.get(metadata.namespace, planName(metadata.name, revision)) !== undefined) revision += 1;
  return revision;
}
