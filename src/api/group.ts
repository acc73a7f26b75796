/** Every name by which the cluster knows us: group, kinds, labels, annotations, field managers. */

export const GROUP = 'uniap.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Server-side apply: one field manager for each concern. */
export const FIELD_MANAGER = 'uniap-operator';
export const STATUS_FIELD_MANAGER = 'uniap-operator-status';

export const LABEL = {
  /** Name of the TrainingJob (shortened as object names are, where it is longer than 63 characters). */
  job: `${GROUP}/job`,
  /** UID of the TrainingJob: what the operator selects by, since a name may be used again. */
  jobUid: `${GROUP}/job-uid`,
  planRevision: `${GROUP}/plan-revision`,
  /** Which gang: counts restarts from 0. */
  attempt: `${GROUP}/attempt`,
  nodeRank: `${GROUP}/node-rank`,
  /** On a pod that measures: what it measures. */
  profiling: `${GROUP}/profiling`,
  /** On a HardwareProfile: the namespace whose pods measured it, and whose jobs alone are planned from it. */
  measuredIn: `${GROUP}/measured-in`,
} as const;

export const ANNOTATION = {
  plan: `${GROUP}/plan`,
  planRevision: `${GROUP}/plan-revision`,
  /** On a ParallelPlan: digest of what it was made from in its job's spec. */
  plannedFrom: `${GROUP}/planned-from`,
  /** On a ParallelPlan: names of the profiles that it was made from. */
  modelProfile: `${GROUP}/model-profile`,
  hardwareProfile: `${GROUP}/hardware-profile`,
  /** On a ParallelPlan: why it could not be measured first. */
  unmeasured: `${GROUP}/unmeasured`,
  nodeRank: `${GROUP}/node-rank`,
  /** Comma-separated, ascending: the pipeline ranks (stages) that this pod's GPUs serve. */
  pipelineRanks: `${GROUP}/pipeline-ranks`,
  /** Comma-separated global ranks of this pod's GPUs, in the order of local rank. */
  globalRanks: `${GROUP}/global-ranks`,
  /** JSON: for every run of layers, the groups of each rank of this pod and the FSDP settings. docs/annotations.md. */
  groups: `${GROUP}/groups`,
  /** On a Node, by an administrator: JSON that overrides what labels say. docs/nodes.md. */
  nodeOverride: `${GROUP}/node`,
} as const;
