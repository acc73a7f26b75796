/** What Hetu-Galvatron 2.4 cannot run of a plan (galvatron/core/runtime/hybrid_parallel_config.py and arguments.py). */
import type { Engine, EngineJob } from './engine.ts';
import { checkLimits, refusal } from './limits.ts';
import { tiesHead, type PlannedLayer } from './planned-layers.ts';

/** The only family whose head it ties to the embedding. */
export const TIED_FAMILY = 'gpt2';

/** @throws {UserError} naming the first thing that it cannot run */
export function checkGalvatron(layers: readonly PlannedLayer[], job: EngineJob, engine: Engine): void {
  checkTies(job, engine);
  checkLimits(layers, job, engine);
  checkEndsBesideBlocks(layers, engine);
  checkDefault(layers, engine);
  checkSequenceParallel(layers, engine);
}

function checkTies({ model }: EngineJob, engine: Engine): void {
  if (model.family !== TIED_FAMILY && tiesHead(model)) {
    const problem = `gives the head of ${model.family} a weight of its own, which the model ties to the embedding`;
    throw refusal(engine, 'spec.model', problem, 'set tie_word_embeddings to false in its config.json');
  }
}

/** An end is on the stage of the block after it, the last one on that of the last block. */
function checkEndsBesideBlocks(layers: readonly PlannedLayer[], engine: Engine): void {
  for (const end of layers.filter(({ isBlock }) => !isBlock)) {
    const beside = layers.find(({ isBlock, index }) => isBlock && index > end.index) ?? layers.at(-2);
    if (beside !== undefined && beside.stage !== end.stage) {
      const problem = `keeps ${end.name} on the stage of ${beside.name}, but the plan has them on ${end.stage} and ${beside.stage}`;
      throw refusal(engine, end.field, problem);
    }
  }
}

/** `default_dp_type` is of the whole plan: `ddp` or `zero2`. */
function checkDefault(layers: readonly PlannedLayer[], engine: Engine): void {
  const replicated = layers.find(({ run }) => run.replicas > 1);
  const second = layers.find(({ run }) => run.shards > 1 && run.zeroStage === 2);
  if (replicated !== undefined && second !== undefined) {
    const problem = `has replicas or zeroStage 2 beside zeroStage 3, but ${replicated.name} has replicas and ${second.name} zeroStage 2`;
    throw refusal(engine, second.field, problem);
  }
}

/** `--sequence-parallel` is of all layers that tensor parallelism splits. */
function checkSequenceParallel(layers: readonly PlannedLayer[], engine: Engine): void {
  const [first, ...others] = layers.filter(({ run }) => run.tensor > 1);
  const other = others.find(({ run }) => run.sequenceParallel !== first?.run.sequenceParallel);
  if (first !== undefined && other !== undefined) {
    const problem = `has sequence parallelism in all layers or none, but ${first.name} and ${other.name} differ`;
    throw refusal(engine, other.field, problem);
  }
}
