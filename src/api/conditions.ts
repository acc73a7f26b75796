/**
 * Conditions of a TrainingJob and the reasons that they give. Reasons are read by programs and do not change; messages
 * are for people and may. The descriptions here are the ones of docs/api.md.
 */

export type ConditionStatus = 'True' | 'False' | 'Unknown';

interface ReasonMeaning {
  readonly status: ConditionStatus;
  readonly description: string;
}

export interface ConditionMeaning {
  readonly description: string;
  readonly reasons: Readonly<Record<string, ReasonMeaning>>;
}

export const CONDITIONS = {
  /** Whether there is a plan for the job as it is written now. */
  Planned: {
    description: 'There is a plan for the job as it is written now.',
    reasons: {
      /** Proved to be the best, within `planning.relativeGap`. */
      Solved: { status: 'True', description: 'The plan is proved best within `planning.relativeGap`.' },
      /** `planning.timeLimitSeconds` passed first: a valid plan whose gap is larger than asked for. */
      TimeLimitReached: {
        status: 'True',
        description: 'The best plan found in `planning.timeLimitSeconds`, with a gap larger than asked for.',
      },
      /** The user's own ParallelPlan, which passed the checks. */
      Supplied: { status: 'True', description: 'The plan is the one that `planning.planName` names; it was checked.' },
      /** The search is under way. */
      Solving: { status: 'Unknown', description: 'The search for the best plan is under way.' },
      /** Pods measure the model on the nodes that the job would get. */
      Profiling: {
        status: 'Unknown',
        description:
          'Model and hardware are being measured on the nodes that the job would get, for `planning.profile`. The message says how far it is.',
      },
      /** They could not, and `planning.profile` is Required. */
      ProfilingFailed: {
        status: 'False',
        description:
          'Model and hardware could not be measured, and `planning.profile` is Required. The message says why. Tried again after a while.',
      },
      /** Nodes that fit the job do not have as many free GPUs as it asks for; tried again when nodes or pods change. */
      NotEnoughGPUs: {
        status: 'False',
        description:
          'The nodes that the job may use have too few free GPUs. The message says which nodes are left out and why. Tried again when nodes or pods change.',
      },
      /** Every plan needs more memory than the devices have. */
      NoPlanFits: {
        status: 'False',
        description:
          'No plan fits into the memory of the GPUs. The message says by how many bytes, at which stage, and the smallest change that would fit. Tried again when nodes or pods change.',
      },
      /** Job, model and cluster contradict one another in a way that only all of them together show. */
      InvalidJob: {
        status: 'False',
        description:
          'The job cannot be planned as it is written. The message names the field and what would work. Tried again when nodes or pods change.',
      },
      /** A ConfigMap or ParallelPlan that the job names does not exist; tried again when it appears. */
      NotFound: {
        status: 'False',
        description: 'A ConfigMap or ParallelPlan that the job names does not exist. Tried again when it appears.',
      },
      /** The user's own ParallelPlan does not fit the job, the model or the nodes. */
      PlanRefused: {
        status: 'False',
        description:
          'The plan that `planning.planName` names does not fit the job, its model or the nodes. Tried again when nodes or pods change.',
      },
      /** A fault of ours: nothing was started. */
      InternalError: {
        status: 'False',
        description: 'The planner failed, or its checker disagreed with it. Nothing was started. This is a bug.',
      },
    },
  },
  /** Whether all pods of the job run. */
  Running: {
    description: 'All pods of the job run.',
    reasons: {
      /** All pods run. */
      PodsRunning: { status: 'True', description: 'All pods run.' },
      /** Nothing to run yet: see Planned. */
      AwaitingPlan: { status: 'False', description: 'There is no plan yet: see the condition Planned.' },
      /** `planning.review` is true and `planning.approvedRevision` does not name the plan. */
      AwaitingApproval: {
        status: 'False',
        description: 'The plan waits for `planning.approvedRevision` to name its revision.',
      },
      /** Pods are created and do not run yet. */
      AwaitingPods: {
        status: 'False',
        description: 'Pods were created and do not all run yet. The message says which, and what they wait for.',
      },
      /** A pod failed; all pods are removed and will be created again. */
      Restarting: { status: 'False', description: 'A pod failed. All pods are removed and created again.' },
      /** The API server refused an object of the job (quota, admission). */
      ObjectsRefused: {
        status: 'False',
        description:
          'The API server refused an object of the job, because of a quota or an admission policy for example.',
      },
      /** `runPolicy.suspend` is true. */
      Suspended: { status: 'False', description: '`runPolicy.suspend` is true.' },
      /** The job succeeded or failed. */
      Finished: { status: 'False', description: 'The job succeeded or failed.' },
    },
  },
  /** Whether the steps differ from what was planned; absent where pods serve no figures. */
  PlanDrift: {
    description:
      'The steps differ from what was planned by more than `monitoring.driftPercent`, on the mean of `monitoring.driftSeconds`. Absent where the pods serve no figures.',
    reasons: {
      /** A GPU has needed more memory than planned. */
      MoreMemoryThanPlanned: {
        status: 'True',
        description:
          'GPUs of a stage have needed more memory than planned. The message says which, and of the time too.',
      },
      /** Steps take longer. */
      SlowerThanPlanned: { status: 'True', description: 'Steps take longer than planned.' },
      /** Steps take less time: another plan may be better still. */
      FasterThanPlanned: {
        status: 'True',
        description:
          'Steps take less time than planned, so that what was planned by is wrong, and another plan may be better.',
      },
      /** Time and memory are as planned. */
      AsPlanned: { status: 'False', description: 'Steps take as long as planned, and no more memory.' },
      /** There is another plan since. */
      NotMeasured: {
        status: 'Unknown',
        description: 'The job runs by another plan since, which has not been measured.',
      },
    },
  },
  /** Whether the pods were removed because the user asked for it. */
  Suspended: {
    description: '`runPolicy.suspend` is true, and the pods are removed.',
    reasons: {
      /** `runPolicy.suspend` is true. */
      SuspendRequested: { status: 'True', description: '`runPolicy.suspend` is true.' },
      /** `runPolicy.suspend` is false again. */
      Resumed: { status: 'False', description: '`runPolicy.suspend` is false again.' },
    },
  },
  /** Whether the training is complete. Final. */
  Succeeded: {
    description: 'The training is complete. Final.',
    reasons: {
      /** Every pod succeeded. */
      PodsSucceeded: { status: 'True', description: 'Every pod succeeded.' },
    },
  },
  /** Whether the job was given up. Final. */
  Failed: {
    description: 'The job was given up. Final.',
    reasons: {
      /** Pods failed more often than `runPolicy.backoffLimit` allows. */
      BackoffLimitExceeded: {
        status: 'True',
        description: 'Pods failed more often than `runPolicy.backoffLimit` allows.',
      },
      /** The job was active for longer than `runPolicy.activeDeadlineSeconds`. */
      DeadlineExceeded: {
        status: 'True',
        description: 'The job was active for longer than `runPolicy.activeDeadlineSeconds`.',
      },
    },
  },
} as const satisfies Record<string, ConditionMeaning>;

export type ConditionType = keyof typeof CONDITIONS;

/** Reasons that a condition may give. */
export type ConditionReason<T extends ConditionType> = keyof (typeof CONDITIONS)[T]['reasons'] & string;

export const CONDITION_TYPES = [
  'Planned',
  'Running',
  'PlanDrift',
  'Suspended',
  'Succeeded',
  'Failed',
] as const satisfies ConditionType[];
