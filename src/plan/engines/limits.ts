/** Limits that engines share, checked on a plan: each error says what the engine cannot run and what would work. */
import { invariant, UserError } from '../../api/errors.ts';
import type { LayerRun, ParallelPlanSpec } from '../../api/parallel-plan.ts';
import { describeStrategy } from '../summary.ts';
import type { EngineTraining, Engine } from './engine.ts';
import type { PlannedLayer } from './planned-layers.ts';

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
 * @throws {UserError} where they differ, or the engine does not know it
 */
export function oneRecomputation<Known extends LayerRun['recomputation']>(
  layers: readonly PlannedLayer[],
  engine: Engine,
  known: readonly Known[],
): Known {
  const [first, ...others] = layers.filter(({ isBlock }) => isBlock);
  invariant(first, 'a model has blocks');
  const { recomputation } = first.run;
  const other = others.find(({ run }) => run.recomputation !== recomputation);
  if (other !== undefined) {
    const [one, two] = [first, other].map(({ name, run }) => `${name} has ${run.recomputation}`);
    throw refusal(engine, other.field, `recomputes all blocks alike, but ${one} and ${two}`);
  }
  const found = known.find((each) => each === recomputation);
  if (found !== undefined) return found;
  throw refusal(engine, first.field, `cannot recompute ${recomputation}`, `use ${known.join(' or ')}`);
}

/** @throws {UserError} where an end is recomputed: engines recompute blocks only */
export function checkEndsKeepActivations(layers: readonly PlannedLayer[], engine: Engine): void {
  const end = layers.find(({ isBlock, run }) => !isBlock && run.recomputation !== 'None');
  if (end !== undefined) {
    throw refusal(engine, end.field, `recomputes blocks only, but ${end.name} has ${end.run.recomputation}`);
  }
}

/** @throws {UserError} where a plan of several stages has another schedule than those known */
export function checkSchedule(
  { stages, schedule }: ParallelPlanSpec,
  engine: Engine,
  known: readonly ParallelPlanSpec['schedule'][],
): void {
  if (stages.length > 1 && !known.includes(schedule)) {
    throw refusal(engine, 'spec.schedule', `has no schedule ${schedule}`, `use ${known.join(' or ')}`);
  }
}

/** @throws {UserError} where sequence parallelism cannot give each rank equally many tokens of a sample */
export function checkTokens(layers: readonly PlannedLayer[], { model }: EngineTraining, engine: Engine): void {
  for (const { index, name, run, field } of layers) {
    const product = model.layers[index]?.operators.find(({ kind }) => kind === 'matrix-product');
    if (run.sequenceParallel && product?.kind === 'matrix-product' && product.rows % run.tensor !== 0) {
      const problem = `cannot share the ${product.rows} tokens of ${name} equally among ${run.tensor} tensor-parallel ranks`;
      throw refusal(engine, field, problem, 'set planning.sequenceParallel to false');
    }
  }
}
