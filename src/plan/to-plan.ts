/** A solution as a plan: stages, runs of layers, predictions and proof. */
import { invariant } from '../api/errors.ts';
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import { priceOf, type Price } from '../cost/price.ts';
import { tables } from '../cost/tables.ts';
import type { Candidate } from '../cost/workload.ts';
import { at } from '../planner/at.ts';
import type { Assignment } from '../planner/problem.ts';
import type { CandidateLog, SearchResult } from '../planner/search.ts';
import { nearestPairs } from './nearest-pairs.ts';
import { writtenGap } from './gap.ts';
import { decimal, predictionOf, pricedStages } from './prediction.ts';
import type { Site } from './site.ts';
import { stagesOf, type Seat } from './stages.ts';
import { summarizePlan } from './summary.ts';

/** As a plan's proof names it; test/plan/best-plan.test.ts holds it to the version that is installed. */
export const SOLVER = 'HiGHS 1.15.3';

/** How far the price of a plan may lie from the planner's value, as a share of it: both add up the same costs. */
const AGREEMENT = 1e-6;

/**
 * @param result - of a search that found a plan.
 * @throws {InternalError} where the cost model, asked for the price of the layout alone, does not find what the planner did
 */
export function toPlan(site: Site, result: SearchResult<Candidate>): ParallelPlanSpec {
  const { candidate, assignment } = result;
  invariant(candidate && assignment, 'a search that found a plan has an assignment');
  const seats = seatsFrom(site, candidate, assignment);
  const price = layoutPrice(site, candidate, seats);
  checkAgreement(price, result.value);
  const stages = stagesOf(site.workload.model.layers, seats);
  const { microBatches, virtualStages } = candidate;
  return { ...pricedPlan(site, { stages, microBatches, virtualStages }, price), proof: proofOf(result, candidate) };
}

/** A layout with its price and its place as a plan, whoever made it: all but a proof. */
export function pricedPlan(
  { allocation, workload }: Site,
  layout: Pick<ParallelPlanSpec, 'stages' | 'microBatches' | 'virtualStages'>,
  price: Price,
): ParallelPlanSpec {
  const { model, training, planning, hardware, gpus } = workload;
  const stages = pricedStages(layout.stages, price);
  return {
    parallelism: summarizePlan({ stages, virtualStages: layout.virtualStages }),
    model: model.name,
    device: hardware.device.name,
    globalBatchSize: training.globalBatchSize,
    microBatches: layout.microBatches,
    schedule: planning.schedule,
    virtualStages: layout.virtualStages,
    gpus,
    stages,
    nodes: [...allocation.nodes],
    gpuResource: allocation.resource,
    ...(allocation.rdma && { rdma: allocation.rdma }),
    predicted: predictionOf({ allocation, workload }, layout, price),
  };
}

/** The price of any layout, whoever made it. */
export function layoutPrice({ workload }: Site, candidate: Candidate, seats: readonly Seat[]): Price {
  return priceOf(workload, candidate, {
    placement: seats.map(({ stage, virtualStage }) => virtualStage * candidate.stages + stage),
    strategies: seats.map(({ strategy }) => strategy),
  });
}

function seatsFrom({ workload }: Site, candidate: Candidate, assignment: Assignment): Seat[] {
  const layout = tables(workload, candidate)?.layoutOf(assignment);
  invariant(layout, 'a candidate with a plan has tables');
  return layout.placement.map((chunk, layer) => ({
    stage: chunk % candidate.stages,
    virtualStage: Math.floor(chunk / candidate.stages),
    strategy: at(layout.strategies, layer),
  }));
}

function checkAgreement(price: Price, value: number): void {
  invariant(
    Math.abs(price.stepSeconds - value) <= AGREEMENT * value,
    `the planner expects ${value} s of a plan that the cost model prices at ${price.stepSeconds} s`,
  );
  invariant(price.fits, `the planner's plan needs ${price.memoryBytes} of ${price.usableBytes} bytes`);
}

/** Of the pairs that a proof names as runners-up. */
const RUNNERS_UP = 4;

function proofOf(
  { value, lowerBound, relativeGap, log, confirmed, seconds }: SearchResult,
  chosen: Candidate,
): NonNullable<ParallelPlanSpec['proof']> {
  const ended = (as: CandidateLog['outcome']): number => log.filter(({ outcome }) => outcome === as).length;
  return {
    value: decimal(value),
    lowerBound: decimal(lowerBound),
    relativeGap: writtenGap(relativeGap),
    candidates: log.length,
    pruned: ended('pruned-by-bound'),
    infeasible: ended('infeasible'),
    solved: ended('solved'),
    confirmed,
    solver: SOLVER,
    seconds: decimal(seconds),
    runnersUp: nearestPairs(log, chosen, RUNNERS_UP).map((pair) => ({
      pipelineDegree: pair.stages,
      microBatches: pair.microBatches,
      lowerBound: decimal(pair.lowerBound),
    })),
  };
}
