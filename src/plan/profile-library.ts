/** Which of the measured profiles that a cluster keeps are those of a job, on the GPUs that it could get. */
import { createHash } from 'node:crypto';
import { UserError } from '../api/errors.ts';
import { NETWORKS, NODE_LINKS, type HardwareProfile } from '../api/hardware-profile.ts';
import type { ModelProfile, ProfileCorrections } from '../api/model-profile.ts';
import type { Provenance } from '../api/provenance.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import type { Allocation } from '../cluster/topology.ts';
import type { Corrections } from '../cost/corrections.ts';
import type { Hardware } from '../cost/hardware.ts';
import type { Model } from '../model/layer.ts';
import type { Profiles } from '../profile/measured/read-profiles.ts';
import { correctionsIn } from './calibration/calibrated.ts';
import { checkProfile } from './measured-figures.ts';

/** A profile that the cluster keeps. */
export interface Stored<Spec> {
  readonly name: string;
  /** When it came into the cluster, as RFC 3339 writes it. */
  readonly created: string;
  readonly spec: Spec;
}

/** What a job may be planned from. */
export interface ProfileLibrary {
  readonly models: readonly Stored<ModelProfile['spec']>[];
  readonly hardware: readonly Stored<HardwareProfile['spec']>[];
  /** Container image of the job, which has the PyTorch that it trains with. */
  readonly image: string;
}

/** A job on some GPUs. */
export interface Subject {
  readonly model: Model;
  readonly training: Pick<TrainingJobSpec['training'], 'precision'>;
  readonly allocation: Allocation;
  readonly hardware: Hardware;
}

/** What there is for a subject, and what is missing. */
export interface ProfileChoice {
  readonly profiles: Profiles;
  /** Names of the profiles chosen. */
  readonly names: { readonly model?: string; readonly hardware?: string };
  /** What runs have shown of plans that were made from just these profiles. */
  readonly corrections?: Corrections;
  /** For each profile that is missing or out of date a clause that says so, for people. */
  readonly missing: readonly string[];
}

/** The newest profiles of the subject that are not out of date. */
export function chooseProfiles({ models, hardware, image }: ProfileLibrary, subject: Subject): ProfileChoice {
  const ofTheModel = models.filter(({ spec }) => isOfModel(spec, subject));
  const ofModel = choose(
    ofTheModel.filter(({ spec }) => spec.layers.length > 0),
    subject,
    image,
  );
  const ofHardware = choose(
    hardware.filter(({ spec }) => isOfHardware(spec, subject)),
    subject,
    image,
  );
  const { model, hardware: links } = { model: ofModel.chosen, hardware: ofHardware.chosen };
  return {
    profiles: { ...(model && { model: model.spec }), ...(links && { hardware: links.spec }) },
    names: { ...(model && { model: model.name }), ...(links && { hardware: links.name }) },
    ...correctionsFor(ofTheModel, { model, hardware: links }),
    missing: [
      ...(model === undefined ? [wanting('ModelProfile', ofModel.outdated, modelWords(subject))] : []),
      ...(links === undefined ? [wanting('HardwareProfile', ofHardware.outdated, hardwareWords(subject))] : []),
    ],
  };
}

/** The newest: kept with the profile itself, or apart from it. */
function correctionsFor(
  models: readonly Stored<ModelProfile['spec']>[],
  { model, hardware }: Readonly<Record<'model' | 'hardware', Pick<AnyStored, 'name'> | undefined>>,
): Pick<ProfileChoice, 'corrections'> {
  const found = models.flatMap(({ name, spec: { corrections } }) => {
    if (corrections === undefined) return [];
    const { modelProfile = name === model?.name ? name : undefined, hardwareProfile } = corrections;
    return modelProfile === model?.name && hardwareProfile === hardware?.name ? [corrections] : [];
  });
  const [newest] = found.toSorted((a, b) => lastOf(b) - lastOf(a));
  return newest === undefined ? {} : { corrections: correctionsIn(newest) };
}

/** Milliseconds since 1970. */
function lastOf({ runs }: ProfileCorrections): number {
  return Math.max(...runs.map(({ date }) => Date.parse(date)));
}

type AnyStored = Stored<ModelProfile['spec']> | Stored<HardwareProfile['spec']>;

interface Choice<T> {
  readonly chosen: T | undefined;
  /** The newest of those that are out of date, and why it is. */
  readonly outdated: string | undefined;
}

function choose<T extends AnyStored>(candidates: readonly T[], subject: Subject, image: string): Choice<T> {
  const newestFirst = candidates.toSorted((a, b) => timeOf(b) - timeOf(a));
  const judged = newestFirst.map((stored) => ({ stored, change: changeSince(stored.spec.provenance, subject, image) }));
  const [outdated] = judged.filter(({ change }) => change !== undefined);
  return {
    chosen: judged.find(({ change }) => change === undefined)?.stored,
    outdated: outdated && `${outdated.stored.name} was measured ${outdated.change ?? ''}`,
  };
}

/** When a profile was measured, or else came. Milliseconds since 1970. */
function timeOf({ spec, created }: AnyStored): number {
  return Date.parse(spec.provenance.date ?? created);
}

const SEPARATOR = ', ';

/** The drivers of some GPUs, as a profile records them; empty where labels do not say. */
export function driversOf({ drivers = [] }: Pick<Allocation, 'drivers'>): string {
  return drivers.join(SEPARATOR);
}

/** What has changed since a profile was measured, as far as it and the nodes say; undefined where nothing has. */
function changeSince({ driver, image }: Provenance, { allocation }: Subject, ofJob: string): string | undefined {
  const known = driver?.split(SEPARATOR) ?? allocation.drivers;
  const others = (allocation.drivers ?? []).filter((each) => known?.includes(each) === false);
  if (others.length > 0) return `with driver ${driver ?? ''}, and nodes have ${others.join(SEPARATOR)}`;
  return image === undefined || image === ofJob ? undefined : `in image ${image}, and the job's is ${ofJob}`;
}

function isOfModel(profile: ModelProfile['spec'], { model, training, hardware }: Subject): boolean {
  const { modelDigest: digest, provenance } = profile;
  const isNamed = digest === undefined ? profile.model === model.name : digest === modelDigest(model);
  const isOfDevice = provenance.device === undefined || provenance.device === hardware.device.name;
  return isNamed && isOfDevice && agrees(profile, model, training);
}

function agrees(profile: ModelProfile['spec'], model: Model, training: Subject['training']): boolean {
  try {
    checkProfile({ model: profile }, model, training);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** A profile of hardware that does not say of which device is of none in particular, so that a cluster cannot use it. */
function isOfHardware(profile: HardwareProfile['spec'], subject: Subject): boolean {
  const { device, ranks, ranksPerNode, nodeLink, network } = placeOf(subject);
  return (
    profile.provenance.device === device &&
    (profile.ranks ?? Infinity) >= ranks &&
    (profile.ranksPerNode ?? ranksPerNode) === ranksPerNode &&
    (profile.nodeLink ?? nodeLink) === nodeLink &&
    (ranks === ranksPerNode || (profile.network ?? network) === network)
  );
}

/** What a HardwareProfile says it is of. */
export type MeasuredPlace = Required<
  Pick<HardwareProfile['spec'], 'ranks' | 'ranksPerNode' | 'nodeLink' | 'network'>
> & { readonly device: string };

/** The hardware of a subject, in the words of a HardwareProfile. */
export function placeOf({ allocation, hardware }: Pick<Subject, 'allocation' | 'hardware'>): MeasuredPlace {
  const [inside] = hardware.tiers;
  const fabric = allocation.fabric?.kind ?? 'ethernet';
  return {
    device: hardware.device.name,
    ranks: allocation.gpusPerNode * allocation.nodes.length,
    ranksPerNode: allocation.gpusPerNode,
    nodeLink: NODE_LINKS.find((name) => inside?.link.name.startsWith(name) === true) ?? 'PCIe',
    network: NETWORKS.find((name) => name.toLowerCase() === fabric) ?? 'Ethernet',
  };
}

/** Digest of what the layers of a model compute, whatever it is called and however many of them there are. */
export function modelDigest({ layers, tokensPerSample }: Model): string {
  const kinds = new Map(layers.map(({ kind, operators }) => [kind, operators]));
  return createHash('sha256')
    .update(JSON.stringify([tokensPerSample, [...kinds]]))
    .digest('hex');
}

function wanting(kind: string, outdated: string | undefined, words: string): string {
  return outdated === undefined ? `no ${kind} is of ${words}` : `${kind} ${outdated}`;
}

function modelWords({ model, training, hardware }: Subject): string {
  const tokens = model.tokensPerSample === null ? '' : ` with ${model.tokensPerSample} tokens`;
  return `${model.name} in ${training.precision}${tokens} on ${hardware.device.name}`;
}

function hardwareWords(subject: Subject): string {
  const { device, ranks, ranksPerNode, nodeLink, network } = placeOf(subject);
  const between = ranks === ranksPerNode ? '' : ` and ${network}`;
  return `${ranks} ${device}, ${ranksPerNode} on a node, with ${nodeLink}${between}`;
}
