/** What pods have measured as resources, which stay when the job goes. */
import { UserError } from '../../api/errors.ts';
import { API_VERSION, LABEL } from '../../api/group.ts';
import type { HardwareProfile } from '../../api/hardware-profile.ts';
import type { ModelProfile } from '../../api/model-profile.ts';
import type { Provenance } from '../../api/provenance.ts';
import { jobLabels } from '../../plan/metadata.ts';
import { shortDigest, wordsFor } from '../../plan/names.ts';
import { modelOf } from '../../plan/job-model.ts';
import { checkProfile } from '../../plan/measured-figures.ts';
import { driversOf } from '../../plan/profile-library.ts';
import type { Answer } from './answer.ts';
import type { Measurement } from './measurement.ts';

/** What else is known of an answer. */
export interface Context {
  /** The model's config.json; null where the job gives layers. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The profiles of an answer. What they are of is said by us, who know it, and not by the answer: another job's profile
 * cannot come of it, nor one of other hardware.
 *
 * @throws {UserError} where there are no figures of layers, or they are not of the job's model
 */
export function profilesOf(
  measurement: Measurement,
  answer: Answer,
  context: Context,
): (ModelProfile | HardwareProfile)[] {
  return [modelProfile(measurement, answer, context), hardwareProfile(measurement, answer, context)];
}

function modelProfile(measurement: Measurement, { model: answer }: Answer, context: Context): ModelProfile {
  const { job, subject } = measurement;
  const { training } = job.spec;
  const model = modelOf(job.spec, context.config);
  const spec: ModelProfile['spec'] = {
    provenance: provenanceOf(measurement, answer.provenance, context),
    model: model.name,
    modelDigest: subject.modelDigest,
    precision: answer.precision,
    ...(answer.sequenceLength !== undefined && { sequenceLength: answer.sequenceLength }),
    layers: answer.layers,
  };
  if (spec.layers.length === 0) throw new UserError({ problem: 'the pods have measured no layer' });
  checkProfile({ model: spec }, model, training);
  const { device, modelDigest, drivers } = subject;
  const which = shortDigest([modelDigest, spec.precision, device, drivers, job.spec.template.image]);
  return {
    apiVersion: API_VERSION,
    kind: 'ModelProfile',
    metadata: {
      name: [wordsFor(model.name), wordsFor(device), which].join('-'),
      namespace: job.namespace,
      labels: labels(measurement),
    },
    spec,
  };
}

function hardwareProfile(measurement: Measurement, { hardware: answer }: Answer, context: Context): HardwareProfile {
  const { job, subject } = measurement;
  const { drivers, device, ranks, ranksPerNode, nodeLink, network } = subject;
  const place = { ranks, ranksPerNode, nodeLink, network };
  const which = shortDigest([job.namespace, device, place, drivers, job.spec.template.image]);
  const shape = `${ranks / ranksPerNode}x${ranksPerNode}`;
  return {
    apiVersion: API_VERSION,
    kind: 'HardwareProfile',
    metadata: { name: [wordsFor(device), shape, which].join('-'), labels: labels(measurement) },
    spec: { ...answer, ...place, provenance: provenanceOf(measurement, answer.provenance, context) },
  };
}

function labels({ job }: Measurement): Record<string, string> {
  return { [LABEL.job]: jobLabels(job)[LABEL.job] ?? '', [LABEL.measuredIn]: job.namespace };
}

/** Device, driver, image and date as we have them; tool, torch and note as the pods say. */
function provenanceOf({ job, subject }: Measurement, said: Provenance, { now }: Context): Provenance {
  const driver = driversOf(subject) || said.driver;
  return {
    ...said,
    device: subject.device,
    image: job.spec.template.image,
    date: new Date(now).toISOString(),
    ...(driver !== undefined && { driver }),
  };
}
