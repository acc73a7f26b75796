/** States of a job for table tests: a new job, which each step makes different in one way. */
import { ANNOTATION, API_VERSION, LABEL } from '../../src/api/group.ts';
import type { ConditionReason, ConditionType } from '../../src/api/conditions.ts';
import type { ParallelPlanSpec } from '../../src/api/parallel-plan.ts';
import type { TrainingJobStatus } from '../../src/api/training-job-status.ts';
import type { TrainingJobSpec } from '../../src/api/training-job.ts';
import { statusOf } from '../../src/operator/decide/conditions.ts';
import type { Report } from '../../src/operator/decide/decision.ts';
import { planningDigest } from '../../src/operator/decide/planning-digest.ts';
import type { JobState, PlanningState } from '../../src/operator/decide/state.ts';
import type { ParallelPlan, TrainingJob } from '../../src/operator/kubernetes/custom-resources.ts';
import type { Pod } from '../../src/operator/kubernetes/pod.ts';
import { aJobSpec, aPlan } from '../plan/builders.ts';

export const NOW = Date.parse('2026-11-24T12:00:00Z');
export const JOB_UID = '6f0b1f6e-55f2-4b4c-9a3e-0d6f8f0f2a11';

/** A moment some seconds before {@link NOW}. */
export function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

interface PodOptions {
  readonly attempt?: number;
  readonly revision?: number;
  readonly terminating?: boolean;
  readonly status?: Partial<NonNullable<Pod['status']>>;
}

export function aStoredPod(rank: number, phase: string, options: PodOptions = {}): Pod {
  const { attempt = 0, revision = 1, terminating = false, status = {} } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `llama-${rank}`,
      namespace: 'research',
      uid: `pod-${rank}-${attempt}`,
      resourceVersion: '1',
      creationTimestamp: ago(60),
      ...(terminating && { deletionTimestamp: ago(1) }),
      labels: {
        [LABEL.jobUid]: JOB_UID,
        [LABEL.attempt]: String(attempt),
        [LABEL.planRevision]: String(revision),
        [LABEL.nodeRank]: String(rank),
      },
    },
    spec: { nodeName: `node-${rank}`, containers: [{}] },
    status: { phase, ...status },
  };
}

export function aStoredPlan(spec: Partial<ParallelPlanSpec>, plannedFrom: string): ParallelPlan {
  const { revision = 1 } = spec;
  return {
    apiVersion: API_VERSION,
    kind: 'ParallelPlan',
    metadata: {
      name: `llama-${revision}`,
      namespace: 'research',
      uid: `plan-${revision}`,
      resourceVersion: '1',
      creationTimestamp: ago(120),
      annotations: { [ANNOTATION.plannedFrom]: plannedFrom },
    },
    spec: aPlan({ ...spec, revision }),
  };
}

export class StateBuilder {
  #spec: TrainingJobSpec = aJobSpec();
  #status: TrainingJobStatus = {};
  #deleted = false;
  #state: Omit<JobState, 'job' | 'digest'> = {
    plans: [],
    nextRevision: 1,
    inputs: { kind: 'ready', config: { model_type: 'llama' } },
    present: { service: true, configMap: true },
    pods: [],
    profilingPods: [],
    profileReading: undefined,
    silentNodes: [],
    planning: { kind: 'idle' },
    obstacles: [],
    modelProfiles: [],
    figures: undefined,
    now: NOW,
  };

  runPolicy(policy: Partial<TrainingJobSpec['runPolicy']>): this {
    this.#spec = { ...this.#spec, runPolicy: { ...this.#spec.runPolicy, ...policy } };
    return this;
  }

  choices(planning: Partial<TrainingJobSpec['planning']>): this {
    this.#spec = { ...this.#spec, planning: { ...this.#spec.planning, ...planning } };
    return this;
  }

  template(template: TrainingJobSpec['template']): this {
    this.#spec = { ...this.#spec, template };
    return this;
  }

  status(status: TrainingJobStatus): this {
    this.#status = { ...this.#status, ...status };
    return this;
  }

  condition<T extends ConditionType>(type: T, reason: ConditionReason<T>, message = ''): this {
    const report = { type, reason, message } as unknown as Report; // of the two, TypeScript loses which reason is whose
    const condition = { ...report, status: statusOf(report), observedGeneration: 1, lastTransitionTime: ago(60) };
    const others = this.#status.conditions?.filter((each) => each.type !== type) ?? [];
    return this.status({ conditions: [...others, condition] });
  }

  silent(...silentNodes: readonly string[]): this {
    this.#state = { ...this.#state, silentNodes };
    return this;
  }

  deleted(): this {
    this.#deleted = true;
    return this;
  }

  /** Stores a plan for the job as it is written so far. */
  planned(spec: Partial<ParallelPlanSpec> = {}): this {
    const revision = this.#state.plans.length + 1;
    const plan = aStoredPlan({ revision, ...spec }, planningDigest(this.#spec, this.#state.inputs));
    this.#state = { ...this.#state, plans: [...this.#state.plans, plan], nextRevision: revision + 1 };
    return this;
  }

  /** Adds pods of the first attempt, by node rank. */
  pods(...phases: readonly string[]): this {
    return this.withPods(...phases.map((phase, rank) => aStoredPod(rank, phase)));
  }

  withPods(...pods: readonly Pod[]): this {
    return this.with({ pods: [...this.#state.pods, ...pods] });
  }

  planner(planning: PlanningState): this {
    return this.with({ planning });
  }

  with(state: Partial<Omit<JobState, 'job' | 'digest'>>): this {
    this.#state = { ...this.#state, ...state };
    return this;
  }

  build(): JobState {
    const job: TrainingJob = {
      apiVersion: API_VERSION,
      kind: 'TrainingJob',
      metadata: {
        name: 'llama',
        namespace: 'research',
        uid: JOB_UID,
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: ago(300),
        ...(this.#deleted && { deletionTimestamp: ago(1) }),
      },
      spec: this.#spec,
      status: this.#status,
    };
    return { ...this.#state, job, digest: planningDigest(this.#spec, this.#state.inputs) };
  }
}

/** A job that nobody has looked at yet. */
export function aState(): StateBuilder {
  return new StateBuilder();
}

/** A job of two pods that both run. */
export function aRunningState(): StateBuilder {
  return aState()
    .planned()
    .pods('Running', 'Running')
    .condition('Running', 'PodsRunning')
    .status({ startTime: ago(60) });
}
