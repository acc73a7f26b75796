/** GPUs that a job could get, with what is to be trained on them in the cost model's terms. */
import type { TrainingJobSpec } from '../api/training-job.ts';
import type { Allocation } from '../cluster/topology.ts';
import { listOf } from '../cluster/text.ts';
import { combined, type Corrections } from '../cost/corrections.ts';
import { hardwareOf, withMeasured, type Hardware } from '../cost/hardware.ts';
import type { Workload } from '../cost/workload.ts';
import type { Model } from '../model/layer.ts';
import { measuredLayers } from '../profile/measured/measured-layers.ts';
import type { Profiles } from '../profile/measured/read-profiles.ts';
import { unknownDevice } from '../profile/find-device.ts';
import { correctionsIn } from './calibration/calibrated.ts';
import { deviceNamed } from './device-filter.ts';
import { checkDevices, profilesOf } from './measured-figures.ts';
import { chooseProfiles, type ProfileChoice, type ProfileLibrary } from './profile-library.ts';

export interface Site {
  readonly allocation: Allocation;
  readonly workload: Workload & { readonly model: Model };
  /** What was chosen from the library, where there is one. */
  readonly choice?: ProfileChoice;
}

/**
 * What each allocation would be for the job, in the order given. Devices that the catalogue does not know are left out.
 *
 * @throws {UserError} where it knows none of them, naming the nodes; where a measured profile is of none of them
 */
export function sitesOf(job: PlannedFor, model: Model, allocations: readonly Allocation[]): Site[] {
  const known = allocations.filter((allocation) => knows(allocation));
  const [unknown] = allocations;
  if (known.length === 0 && unknown !== undefined) {
    throw unknownDevice(unknown.product, `nodes ${listOf(unknown.nodes.map(({ name }) => name))}`);
  }
  const sites = known.map((allocation) => siteOf(job, model, allocation));
  checkDevices(job.profiles, [...new Set(sites.map(({ workload }) => workload.hardware.device.name))]);
  return sites;
}

function siteOf(
  { training, planning, profiles, library, corrections }: PlannedFor,
  model: Model,
  allocation: Allocation,
): Site {
  const gpus = allocation.nodes.reduce((sum, node) => sum + node.gpus, 0);
  const predicted = hardwareOf(allocation);
  const choice = library && chooseProfiles(library, { model, training, allocation, hardware: predicted });
  const given = profilesOf(profiles, predicted.device.name);
  const { model: layers, hardware: links } = { ...choice?.profiles, ...given };
  const hardware = {
    ...(links === undefined ? predicted : withMeasured(predicted, links)),
    ...lessons(choice?.corrections, given.model?.corrections && correctionsIn(given.model.corrections), corrections),
  };
  const measured = layers && { measured: measuredLayers(layers) };
  const workload = { model, training, planning, hardware, gpus, ...measured };
  return { allocation, workload, ...(choice && { choice }) };
}

/** All that runs have shown, where they have. */
function lessons(...found: readonly (Corrections | undefined)[]): Pick<Hardware, 'corrections'> {
  const given = found.filter((each) => each !== undefined);
  return given.length === 0 ? {} : { corrections: given.reduce(combined) };
}

interface PlannedFor extends Pick<TrainingJobSpec, 'training' | 'planning'> {
  /** What was measured of it. */
  readonly profiles: Profiles;
  /** What else was measured: each allocation takes what is of it. */
  readonly library?: ProfileLibrary;
  /** What runs have shown of all these figures. */
  readonly corrections?: Corrections;
}

function knows({ product, memoryBytes }: Allocation): boolean {
  return deviceNamed(product, memoryBytes) !== null;
}
