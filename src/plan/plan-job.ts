/** From a job and a cluster to a plan: the one way through, as operator and command line both go it. */
import { UserError } from '../api/errors.ts';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import { allocate } from '../cluster/allocate.ts';
import type { NodeObject, PodObject } from '../cluster/objects.ts';
import { readNodes, type ClusterReading } from '../cluster/read-nodes.ts';
import { describeShortage, differing } from '../cluster/shortage.ts';
import type { Corrections } from '../cost/corrections.ts';
import type { Model } from '../model/layer.ts';
import type { Profiles } from '../profile/measured/read-profiles.ts';
import { bestPlan, type BestPlan, type SearchSettings } from './best-plan.ts';
import { deviceFilter } from './device-filter.ts';
import { checkEngine, engineFiles } from './engine-files.ts';
import { modelOf } from './job-model.ts';
import { checkProfile } from './measured-figures.ts';
import type { DoesNotFit, PlanOutcome } from './plan-outcome.ts';
import type { ProfileLibrary } from './profile-library.ts';
import { remediesFor } from './remedies.ts';
import { sitesOf, type Site } from './site.ts';
import { completePlan } from './supplied-plan.ts';
import { formatBytes } from './units.ts';

export interface PlanRequest extends SearchSettings {
  /** The job, with its defaults filled in. */
  readonly spec: TrainingJobSpec;
  /** The config.json that the job gives inline or names; null where it names a preset or gives layers. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** All nodes of the cluster. */
  readonly nodes: readonly NodeObject[];
  /** Pods of all namespaces, less those of the job itself. */
  readonly pods: readonly PodObject[];
  /** GPUs by node that plans of other jobs hold and that no bound pod requests yet. */
  readonly reservations?: ReadonlyMap<string, number>;
  /** Measured figures, which count before the catalogue's. */
  readonly profiles?: Profiles;
  /** The profiles that the cluster keeps, of which those count that are of the job and its GPUs. */
  readonly library?: ProfileLibrary;
  /** What runs of the job have shown of all these figures. */
  readonly corrections?: Corrections;
  /** The plan that `planning.planName` names, where it names one. */
  readonly suppliedPlan?: ParallelPlanSpec;
}

/**
 * Plans a job, or completes the plan that its user supplied.
 *
 * @throws {InternalError} where planner, checker and cost model disagree: nothing may start then
 * @throws the reason of `signal`, once it is aborted
 */
export async function planJob(request: PlanRequest): Promise<PlanOutcome> {
  try {
    const model = modelOf(request.spec, request.config);
    checkProfile(request.profiles ?? {}, model, request.spec.training);
    checkEngine(request.spec, request.config);
    const cluster = readCluster(request);
    const outcome =
      request.suppliedPlan === undefined
        ? await searchPlan(request, model, cluster)
        : takePlan(request.suppliedPlan, request, model, cluster);
    // Refused here, not when pods are about to start, where a plan of the user's own asks too much of the engine.
    if (outcome.kind === 'planned') engineFiles(request.spec, outcome.plan, request.config);
    return outcome;
  } catch (error) {
    if (error instanceof UserError) return { kind: 'refused', error };
    throw error;
  }
}

function readCluster({ spec: { resources }, nodes, pods, reservations }: PlanRequest): ClusterReading {
  const { device, tolerations, nodeSelector } = resources;
  return readNodes(nodes, pods, {
    tolerations,
    nodeSelector,
    ...(device !== undefined && { device: deviceFilter(device, 'spec.resources.device') }),
    ...(reservations && { reservations }),
  });
}

async function searchPlan(request: PlanRequest, model: Model, cluster: ClusterReading): Promise<PlanOutcome> {
  const { spec, profiles = {}, library, corrections } = request;
  const { gpus } = spec.resources;
  const allocations = allocate(cluster.nodes, gpus);
  if (allocations.length === 0) {
    return { kind: 'waiting', message: describeShortage(gpus, cluster.nodes, cluster.excluded) };
  }
  const sites = sitesOf(
    { ...spec, profiles, ...(library && { library }), ...(corrections && { corrections }) },
    model,
    allocations,
  );
  const best = await bestPlan(sites, spec.planning, request);
  if (best.kind === 'exceeds-memory') return doesNotFit(request, best);
  const excluded = [...cluster.excluded, ...differing(cluster.nodes, best.site.allocation)];
  return { kind: 'planned', plan: best.plan, site: best.site, log: best.log, excluded };
}

function takePlan(
  supplied: ParallelPlanSpec,
  { spec, profiles = {}, library }: PlanRequest,
  model: Model,
  { nodes, excluded }: ClusterReading,
): PlanOutcome {
  const usable = nodes.filter(({ product, memoryBytes }) => mayUse(supplied, product, memoryBytes));
  const complete = completePlan(supplied, { spec, model, nodes: usable, profiles, ...(library && { library }) });
  if (complete !== null) return { kind: 'planned', ...complete, log: [], excluded };
  const shortage = describeShortage(supplied.gpus, usable, excluded);
  const claim = claimOf(supplied);
  return { kind: 'waiting', message: claim === null ? shortage : `${claim}; the job ${shortage}` };
}

function claimOf({ nodes, device }: ParallelPlanSpec): string | null {
  if (nodes !== undefined) return `the plan's nodes (${nodes.map(({ name }) => name).join(', ')}) are not all free`;
  return device === undefined ? null : `the plan is for ${device}`;
}

/** A plan that names its nodes says by them what it runs on; else it may name a device. */
function mayUse({ nodes, device }: ParallelPlanSpec, product: string, memoryBytes: number | null): boolean {
  return (
    nodes !== undefined || device === undefined || deviceFilter(device, 'spec.device').matches(product, memoryBytes)
  );
}

function doesNotFit(
  { spec, config }: PlanRequest,
  { site, shortfall }: Extract<BestPlan, { kind: 'exceeds-memory' }>,
): DoesNotFit {
  const { stage, candidate } = shortfall;
  const bytes = Math.ceil(shortfall.bytes);
  const modelFor = (sequenceLength: number): Model =>
    modelOf({ ...spec, training: { ...spec.training, sequenceLength } }, config);
  const remedies = remediesFor(site.workload, modelFor);
  return {
    kind: 'does-not-fit',
    message: sentence(site, { bytes, stage, stages: candidate.stages }, remedies),
    bytes,
    stage,
    remedies,
  };
}

function sentence(
  { workload: { model, gpus, hardware } }: Site,
  { bytes, stage, stages }: { readonly bytes: number; readonly stage: number; readonly stages: number },
  remedies: readonly string[],
): string {
  const remedy =
    remedies.length === 0 ? 'no single change was found that would fit' : `would fit: ${remedies.join('; or ')}`;
  return (
    `no plan for ${model.name} on ${gpus} ${hardware.device.name} fits into memory: the leanest needs ${formatBytes(bytes)} ` +
    `(${bytes} bytes) too much on each GPU of stage ${stage} of ${stages}; ${remedy}`
  );
}
