/** A user's own plan: checked against job, model and nodes, priced as ours are, and completed. */
import { invariant, UserError } from '../api/errors.ts';
import type { ParallelPlanSpec, PlannedNode } from '../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import { allocate } from '../cluster/allocate.ts';
import type { Allocation, GpuNode } from '../cluster/topology.ts';
import { PARAMETER_LAYOUT } from '../cost/agreements.ts';
import type { Corrections } from '../cost/corrections.ts';
import { tiedLayers } from '../cost/layers.ts';
import type { Price } from '../cost/price.ts';
import type { Model } from '../model/layer.ts';
import { fits } from '../planner/check.ts';
import type { Profiles } from '../profile/measured/read-profiles.ts';
import type { ProfileLibrary } from './profile-library.ts';
import { sitesOf, type Site } from './site.ts';
import { stageBytes } from './stage-bytes.ts';
import { seatsOf, type Seat } from './stages.ts';
import { layoutPrice, pricedPlan } from './to-plan.ts';
import { formatBytes } from './units.ts';
import { validatePlan } from './validate-plan.ts';

/** What a user's plan is held against. */
export interface PlanContext {
  readonly spec: TrainingJobSpec;
  readonly model: Model;
  /** Nodes that the job may use. */
  readonly nodes: readonly GpuNode[];
  /** What was measured. */
  readonly profiles: Profiles;
  readonly library?: ProfileLibrary;
  /** What runs have shown of all these figures. */
  readonly corrections?: Corrections;
}

/**
 * The plan with its nodes and with what it is predicted to take; null where its GPUs are not free now. Where the plan names no
 * nodes, the best of those that it fits are taken.
 *
 * @throws {UserError} naming what in the plan does not fit the job, the model or the memory of the GPUs, and by how much
 */
export function completePlan(
  plan: ParallelPlanSpec,
  context: PlanContext,
): { readonly site: Site; readonly plan: ParallelPlanSpec } | null {
  checkPlan(plan, context);
  const allocations =
    plan.nodes === undefined ? allocate(context.nodes, plan.gpus) : namedNodes(plan.nodes, context.nodes);
  const offers = sitesFor(plan, context, allocations).map((site) => ({ site, price: priceOfPlan(site, plan) }));
  const [best] = offers;
  if (best === undefined) return null;
  const fitting = offers.find(({ price }) => price.fits);
  if (fitting === undefined) throw exceedsMemory(best.price);
  return { site: fitting.site, plan: pricedPlan(fitting.site, plan, fitting.price) };
}

/**
 * The GPUs of a plan that names its nodes; null where they are not all there with as many GPUs free.
 *
 * @throws {UserError} where the nodes are not alike, or the catalogue does not know their device
 */
export function siteOfPlan(plan: ParallelPlanSpec, context: PlanContext): Site | null {
  const [site] = sitesFor(plan, context, namedNodes(plan.nodes ?? [], context.nodes));
  return site ?? null;
}

/** @throws {UserError} naming what in the plan does not fit the job or the model, whatever it runs on */
export function checkPlan(plan: ParallelPlanSpec, { spec, model }: Pick<PlanContext, 'spec' | 'model'>): void {
  validatePlan(plan, model.layers.length);
  checkAgainstJob(plan, spec);
  checkTensorDegrees(plan, model);
  checkTiedWeights(plan, model);
}

function sitesFor(
  { schedule }: ParallelPlanSpec,
  { spec, model, profiles, library, corrections }: PlanContext,
  allocations: readonly Allocation[],
): Site[] {
  const planning = { ...spec.planning, schedule };
  const job = {
    training: spec.training,
    planning,
    profiles,
    ...(library && { library }),
    ...(corrections && { corrections }),
  };
  return sitesOf(job, model, allocations);
}

/** The price of a plan on GPUs that it has as many of. */
export function priceOfPlan(site: Site, { stages, microBatches, virtualStages }: ParallelPlanSpec): Price {
  return layoutPrice(site, { stages: stages.length, microBatches, virtualStages }, seatsOf(stages));
}

function checkAgainstJob(plan: ParallelPlanSpec, { training, resources }: TrainingJobSpec): void {
  if (plan.globalBatchSize !== training.globalBatchSize) {
    throw new UserError({
      field: 'spec.globalBatchSize',
      problem: `the plan has a global batch of ${plan.globalBatchSize} samples, and the job one of ${training.globalBatchSize}`,
      remedy: 'use the same in both',
    });
  }
  if (plan.gpus !== resources.gpus) {
    throw new UserError({
      field: 'spec.gpus',
      problem: `the plan has ${plan.gpus} GPUs, and the job asks for ${resources.gpus}`,
      remedy: 'use the same in both',
    });
  }
}

function checkTensorDegrees({ stages }: ParallelPlanSpec, { layers }: Model): void {
  for (const run of stages.flatMap((stage) => stage.layers)) {
    const unable = layers
      .slice(run.first, run.last + 1)
      .find(({ tensorDegrees }) => !tensorDegrees.includes(run.tensor));
    if (unable !== undefined) {
      throw new UserError({
        field: 'spec.stages',
        problem: `layer ${unable.name} cannot be split by tensor degree ${run.tensor}`,
        remedy: `use one of ${unable.tensorDegrees.join(', ')}`,
      });
    }
  }
}

/** A weight that several layers use is one tensor, so that all of them must split it alike. */
function checkTiedWeights({ stages }: ParallelPlanSpec, { layers }: Model): void {
  const seats = seatsOf(stages);
  for (const [owner, ...users] of tiedLayers(layers)) {
    const [one, other] = [owner, users.find((user) => !liesAlike(seats[owner ?? -1], seats[user]))];
    if (one === undefined || other === undefined) continue;
    const [words, otherWords] = [one, other].map((layer) => parameterWords(seats[layer]));
    throw new UserError({
      field: 'spec.stages',
      problem: `layers ${layers[one]?.name} and ${layers[other]?.name} use one weight, but have ${words} and ${otherWords}`,
      remedy: 'give both the same tensor, replicas, shards and zeroStage',
    });
  }
}

/** What one shard alone would split says nothing. */
function liesAlike(one: Seat | undefined, other: Seat | undefined): boolean {
  return PARAMETER_LAYOUT.every(
    (field) => one?.strategy[field] === other?.strategy[field] || (field === 'zeroStage' && one?.strategy.shards === 1),
  );
}

function parameterWords(seat: Seat | undefined): string {
  return PARAMETER_LAYOUT.map((field) => `${field} ${seat?.strategy[field]}`).join(', ');
}

/**
 * The nodes that a plan names as an allocation, in the plan's order; none unless all are free. Where that order is not the
 * one that keeps neighbours together, traffic between nodes is priced as going through the widest level.
 */
function namedNodes(wanted: readonly PlannedNode[], usable: readonly GpuNode[]): Allocation[] {
  const nodes = wanted.flatMap(({ name, gpus }) => {
    const node = usable.find((each) => each.name === name && each.free >= gpus);
    return node === undefined ? [] : [{ ...node, free: gpus }];
  });
  if (nodes.length < wanted.length) return [];
  const gpus = wanted.reduce((sum, node) => sum + node.gpus, 0);
  const [found] = allocate(nodes, gpus);
  if (found === undefined) {
    throw new UserError({
      field: 'spec.nodes',
      problem: `the nodes give ${wanted.map((node) => node.gpus).join(', ')} GPUs of ${listProducts(nodes)}`,
      remedy: 'use nodes of one device and fabric, and equally many GPUs on each',
    });
  }
  const [inside] = found.tiers;
  const sameOrder = found.nodes.every(({ name }, index) => name === wanted[index]?.name);
  const between = { kind: 'network', gpus, name: 'network' } as const;
  const tiers = sameOrder || inside === undefined ? found.tiers : [inside, between];
  return [{ ...found, nodes: [...wanted], tiers }];
}

function listProducts(nodes: readonly GpuNode[]): string {
  return [...new Set(nodes.map(({ product }) => product))].join(', ');
}

/** Of the first stage that does not fit. */
function exceedsMemory({ stages, usableBytes }: Price): UserError {
  const needs = stages.map(stageBytes);
  const stage = needs.findIndex((bytes) => !fits(bytes, usableBytes));
  const bytes = needs[stage];
  invariant(bytes, 'a plan that exceeds memory does so in a stage');
  return new UserError({
    field: `spec.stages[${stage}]`,
    problem:
      `stage ${stage} needs ${formatBytes(bytes)} on each GPU, of which a plan may use ${formatBytes(usableBytes)}: ` +
      `${formatBytes(bytes - usableBytes)} (${Math.ceil(bytes - usableBytes)} bytes) too much`,
    remedy: 'give the stage fewer layers, more shards or recomputation, or use more microBatches',
  });
}
