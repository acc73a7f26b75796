/** Our own kinds as the API server stores them: validated and with their defaults filled in. */
import type { HardwareProfile as HardwareProfileResource } from '../../api/hardware-profile.ts';
import type { ModelProfile as ModelProfileResource } from '../../api/model-profile.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import type { TrainingJobStatus } from '../../api/training-job-status.ts';
import type { ObjectMeta, StoredObject } from './objects.ts';

export interface TrainingJob extends StoredObject {
  readonly kind: 'TrainingJob';
  readonly metadata: ObjectMeta & { readonly namespace: string };
  readonly spec: TrainingJobSpec;
  readonly status?: TrainingJobStatus;
}

export interface ParallelPlan extends StoredObject {
  readonly kind: 'ParallelPlan';
  readonly spec: ParallelPlanSpec;
}

export interface ModelProfile extends StoredObject {
  readonly kind: 'ModelProfile';
  readonly spec: ModelProfileResource['spec'];
}

export interface HardwareProfile extends StoredObject {
  readonly kind: 'HardwareProfile';
  readonly spec: HardwareProfileResource['spec'];
}
