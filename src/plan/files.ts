/**
 * The files that a pod finds its plan in, besides those of the engine that the job names. docs/annotations.md describes them
 * for engines.
 */

export const PLAN_FILE = {
  /** The ParallelPlan object. */
  plan: 'plan.json',
  /** `spec.training` of the job. */
  training: 'training.json',
  /** The model: its config.json, or where the job gives its layers by their sizes, `{"layers": […]}`. */
  model: 'config.json',
  /** The value of the annotation `uniap.dev/groups` of the pod itself. */
  groups: 'groups.json',
} as const;
