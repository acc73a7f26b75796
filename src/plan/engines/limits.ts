/**
 * What an engine cannot run of a plan, checked by the limits that plans for it are made within (src/cost/engines.ts): each error says what
 * it is and what would work.
 */
import { invariant, UserError } from '../../api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../../api/parallel-plan.ts';
import { engineLimits, splitsTokens, tokensOf } from '../../cost/engines.ts';
import type { Candidate } from '../../cost/workload.ts';
import { at } from '../../planner/at.ts';
import { describeStrategy } from '../summary.ts';
import type { Engine, EngineJob } from './engine.ts';
import { tiesHead, type PlannedLayer } from './planned-layers.ts';

/** What the plan cannot have for an engine, and what would work. */
export function refusal(engine: Engine, field: string, problem: string, remedy = ''): UserError {
  const again = `plan with planning.engine: ${engine.name}`;
  return new UserError({ field, problem: `${engine.title} ${problem}`, remedy: remedy === '' ? again : remedy });
}

/** How layers are split among the ranks of a stage. */
export type Split = Pick<LayerRun, 'tensor' | 'sequenceParallel' | 'replicas' | 'shards' | 'zeroStage'>;

/**
 * The one way in which all of some layers are split.
 *
 * @param which - The layers, for people: "all layers".
 * @throws {UserError} where they differ
 */
export function oneSplit(layers: readonly PlannedLayer[], engine: Engine, which: string): Split {
  const [first] = layers;
  invariant(first, `a plan has ${which}`);
  const other = layers.find(({ run }) => !sameSplit(run, first.run));
  if (other === undefined) return first.run;
  const [one, two] = [first, other].map(({ name, run }) => `${name} has ${splitInWords(run)}`);
  throw refusal(engine, other.field, `splits ${which} alike, but ${one} and ${two}`);
}

function sameSplit(one: Split, other: Split): boolean {
  return (
    one.tensor === other.tensor &&
    one.sequenceParallel === other.sequenceParallel &&
    one.replicas === other.replicas &&
    one.shards === other.shards &&
    (one.shards === 1 || one.zeroStage === other.zeroStage)
  );
}

function splitInWords(run: LayerRun): string {
  const words = describeStrategy({ ...run, recomputation: 'None' });
  return words === '' ? 'no split' : words;
}

/**
 * The recomputation of all blocks.
 *
 * @throws {UserError} where they differ
 */
export function oneRecomputation(layers: readonly PlannedLayer[], engine: Engine): LayerRun['recomputation'] {
  const [first, ...others] = layers.filter(({ isBlock }) => isBlock);
  invariant(first, 'a model has blocks');
  const { recomputation } = first.run;
  const other = others.find(({ run }) => run.recomputation !== recomputation);
  if (other === undefined) return recomputation;
  const [one, two] = [first, other].map(({ name, run }) => `${name} has ${run.recomputation}`);
  throw refusal(engine, other.field, `recomputes all blocks alike, but ${one} and ${two}`);
}

/** @throws {UserError} where a layer, or the plan whatever its layers are, is not within an engine's limits */
export function checkLimits(layers: readonly PlannedLayer[], job: EngineJob, engine: Engine): void {
  checkSchedule(job.plan, engine);
  checkMicroBatches(job.plan, engine);
  checkTies(job, engine);
  checkEndsKeepActivations(layers, engine);
  checkStrategies(layers, job.plan, engine);
  checkHeads(layers, job, engine);
  checkTokens(layers, job, engine);
}

/** Engines recompute blocks only. */
function checkEndsKeepActivations(layers: readonly PlannedLayer[], engine: Engine): void {
  const end = layers.find(({ isBlock, run }) => !isBlock && run.recomputation !== 'None');
  if (end !== undefined) {
    throw refusal(engine, end.field, `recomputes blocks only, but ${end.name} has ${end.run.recomputation}`);
  }
}

function checkSchedule({ stages, schedule }: ParallelPlanSpec, engine: Engine): void {
  const { schedules } = engineLimits(engine.name);
  if (stages.length > 1 && !schedules.includes(schedule)) {
    throw refusal(engine, 'spec.schedule', `has no schedule ${schedule}`, `use ${schedules.join(' or ')}`);
  }
}

function checkMicroBatches(plan: ParallelPlanSpec, engine: Engine): void {
  const { microBatches, stages, schedule } = plan;
  if (!engineLimits(engine.name).hasCandidate(candidateOf(plan), schedule)) {
    const problem = `runs 1F1B on at least as many micro-batches as stages, not ${microBatches} on ${stages.length}`;
    throw refusal(engine, 'spec.microBatches', problem);
  }
}

function candidateOf({ stages, microBatches, virtualStages }: ParallelPlanSpec): Candidate {
  return { stages: stages.length, microBatches, virtualStages };
}

function checkTies({ plan, model }: EngineJob, engine: Engine): void {
  if (plan.stages.length > 1 && tiesHead(model) && !engineLimits(engine.name).tiesStages) {
    throw refusal(engine, 'spec.stages', 'cannot tie the head to the embedding across pipeline stages');
  }
}

const RECOMPUTATIONS = ['None', 'Selective', 'Full'] as const;
const ZERO_STAGES = [1, 2, 3] as const;

/** What of a strategy would have to be otherwise is found by trying. */
function checkStrategies(layers: readonly PlannedLayer[], plan: ParallelPlanSpec, engine: Engine): void {
  const { hasStrategy } = engineLimits(engine.name);
  const has = (run: LayerRun): boolean => hasStrategy(run, candidateOf(plan));
  const unable = layers.find(({ run }) => !has(run));
  if (unable === undefined) return;
  const { run, name, field } = unable;
  const recomputations = RECOMPUTATIONS.filter((recomputation) => has({ ...run, recomputation }));
  const zeroStages = ZERO_STAGES.filter((zeroStage) => has({ ...run, zeroStage }));
  if (recomputations.length > 0) {
    throw refusal(engine, field, `recomputes ${recomputations.join(' or ')}, but ${name} has ${run.recomputation}`);
  }
  if (zeroStages.length > 0) {
    const where = plan.stages.length > 1 ? 'with pipeline stages' : 'without pipeline stages';
    throw refusal(
      engine,
      field,
      `${where} runs zeroStage ${zeroStages.join(' or ')}, but ${name} has ${run.zeroStage}`,
    );
  }
  const split = `${run.shards} shards × ${run.replicas} replicas`;
  throw refusal(engine, field, `shards among all data-parallel ranks or none, but ${name} has ${split}`);
}

function checkHeads(layers: readonly PlannedLayer[], { model }: EngineJob, engine: Engine): void {
  const { splitsHeads } = engineLimits(engine.name);
  for (const { index, run, field } of layers) {
    const attention = at(model.layers, index).operators.find((operator) => operator.kind === 'attention');
    if (attention !== undefined && !splitsHeads(attention.keyValueHeads, run.tensor)) {
      const problem = `cannot split ${attention.keyValueHeads} key/value heads by tensor degree ${run.tensor}`;
      throw refusal(engine, field, problem);
    }
  }
}

function checkTokens(layers: readonly PlannedLayer[], { model }: EngineJob, engine: Engine): void {
  for (const { index, name, run, field } of layers) {
    const layer = at(model.layers, index);
    if (!splitsTokens(engine.name, layer, run)) {
      const problem = `cannot share the ${tokensOf(layer)} tokens of ${name} equally among ${run.tensor} tensor-parallel ranks`;
      throw refusal(engine, field, problem, 'set planning.sequenceParallel to false');
    }
  }
}
