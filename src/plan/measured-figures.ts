/** Which measured figures are those of a job. */
import { UserError } from '../api/errors.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import { parameters } from '../model/counts/parameters.ts';
import type { Model } from '../model/layer.ts';
import type { ModelProfile } from '../api/model-profile.ts';
import type { Profiles } from '../profile/measured/read-profiles.ts';

/** Parameters counted from memory that layers took lie within 15% of what they have (Hetu-Galvatron's BERT profile). */
const PARAMETER_TOLERANCE = 0.25;

/**
 * Refuses a profile of another model: to plan from another's figures would be worse than to have none.
 *
 * @throws {UserError} saying what the profile is of
 */
export function checkProfile(
  { model: profile }: Profiles,
  model: Model,
  { precision }: Pick<TrainingJobSpec['training'], 'precision'>,
): void {
  if (profile === undefined) {
    return;
  }
  const refuse = (problem: string, remedy: string): never => {
    throw new UserError({ source: `profile of ${profile.model}`, problem, remedy });
  };
  if (profile.precision !== precision) {
    refuse(`measured in ${profile.precision}, but the job computes in ${precision}`, 'give one that agrees');
  }
  if ((profile.sequenceLength ?? null) !== model.tokensPerSample) {
    refuse(
      `measured with ${tokens(profile.sequenceLength)}, but the job's have ${tokens(model.tokensPerSample)}`,
      'set training.sequenceLength, or give another profile',
    );
  }
  for (const layers of profile.layers) {
    checkLayers(layers, model, refuse);
  }
}

function tokens(count: number | null | undefined): string {
  return count === null || count === undefined ? 'samples without tokens' : `samples of ${count} tokens`;
}

function checkLayers(
  { names, parameters: measured }: ModelProfile['spec']['layers'][number],
  model: Model,
  refuse: (problem: string, remedy: string) => never,
): void {
  const kinds = [...new Set(model.layers.map(({ kind }) => kind))];
  const layers = names.map((name) => {
    const layer = model.layers.find(({ kind }) => kind === name);
    return (
      layer ?? refuse(`has figures of ${name}, but the job's model has no such layers`, `known are ${kinds.join(', ')}`)
    );
  });
  const counted = layers.reduce((sum, layer) => sum + parameters(layer), 0);
  if (measured !== undefined && Math.abs(measured - counted) > PARAMETER_TOLERANCE * counted) {
    refuse(
      `its ${names.join(' and ')} has ${millions(measured)} parameters, the job's ${millions(counted)}`,
      'give the profile of this model',
    );
  }
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(1)} million`;
}

/** The profiles that are of a device, or of one that was not recorded. */
export function profilesOf({ model, hardware }: Profiles, device: string): Profiles {
  const fits = (profile: NonNullable<Profiles['model'] | Profiles['hardware']>): boolean =>
    profile.provenance.device === undefined || profile.provenance.device === device;
  return { ...(model && fits(model) && { model }), ...(hardware && fits(hardware) && { hardware }) };
}

/**
 * Refuses a profile that would not be used, since none of the devices is the one that was measured.
 *
 * @param devices - That the job could get, by the catalogue's names.
 * @throws {UserError} saying what was measured
 */
export function checkDevices({ model, hardware }: Profiles, devices: readonly string[]): void {
  for (const profile of [model, hardware]) {
    const measured = profile?.provenance.device;
    if (measured !== undefined && !devices.includes(measured)) {
      throw new UserError({
        source: profile === model ? 'ModelProfile' : 'HardwareProfile',
        problem: `measured on ${measured}, but the job's GPUs are ${devices.join(' or ')}`,
        remedy: 'give the profile of that device, or none',
      });
    }
  }
}
