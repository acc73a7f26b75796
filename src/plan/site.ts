/** GPUs that a job could get, with what is to be trained on them in the cost model's terms. */
import type { TrainingJobSpec } from '../api/training-job.ts';
import type { Allocation } from '../cluster/topology.ts';
import { listOf } from '../cluster/text.ts';
import { hardwareOf } from '../cost/hardware.ts';
import type { Workload } from '../cost/workload.ts';
import type { Model } from '../model/layer.ts';
import { unknownDevice } from '../profile/find-device.ts';
import { deviceNamed } from './device-filter.ts';

export interface Site {
  readonly allocation: Allocation;
  readonly workload: Workload & { readonly model: Model };
}

/**
 * What each allocation would be for the job, in the order given. Devices that the catalogue does not know are left out.
 *
 * @throws {UserError} where it knows none of them, naming the nodes
 */
export function sitesOf(job: PlannedFor, model: Model, allocations: readonly Allocation[]): Site[] {
  const known = allocations.filter((allocation) => knows(allocation));
  const [unknown] = allocations;
  if (known.length === 0 && unknown !== undefined) {
    throw unknownDevice(unknown.product, `nodes ${listOf(unknown.nodes.map(({ name }) => name))}`);
  }
  return known.map((allocation) => siteOf(job, model, allocation));
}

function siteOf({ training, planning }: PlannedFor, model: Model, allocation: Allocation): Site {
  const gpus = allocation.nodes.reduce((sum, node) => sum + node.gpus, 0);
  return { allocation, workload: { model, training, planning, hardware: hardwareOf(allocation), gpus } };
}

type PlannedFor = Pick<TrainingJobSpec, 'training' | 'planning'>;

function knows({ product, memoryBytes }: Allocation): boolean {
  return deviceNamed(product, memoryBytes) !== null;
}
