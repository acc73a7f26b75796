/** Training engines that read a plan from files and flags of their own. docs/engines.md describes them. */
import { UserError } from '../../api/errors.ts';
import type { Engine, EngineFile, EngineJob, EngineName, EngineTraining } from './engine.ts';
import { GALVATRON } from './galvatron.ts';
import { MEGATRON } from './megatron.ts';
import { TORCHTITAN } from './torchtitan.ts';

const ENGINES: Readonly<Record<EngineName, Engine>> = {
  galvatron: GALVATRON,
  torchtitan: TORCHTITAN,
  megatron: MEGATRON,
};

/**
 * The plan as an engine's own files, in one folder.
 *
 * @throws {UserError} naming what the engine cannot run, and what would work
 */
export function filesFor(name: EngineName, job: EngineJob): readonly EngineFile[] {
  checkTraining(name, job);
  return ENGINES[name].files(job);
}

/** @throws {UserError} where the engine cannot train this, however it is planned */
export function checkTraining(name: EngineName, { training, model }: EngineTraining): void {
  const engine = ENGINES[name];
  requireKnown(engine, { field: 'spec.model', what: 'family', value: model.family, known: engine.families });
  for (const [field, known] of [
    ['precision', engine.precisions],
    ['optimizer', engine.optimizers],
  ] as const) {
    requireKnown(engine, { field: `spec.training.${field}`, what: field, value: training[field], known });
  }
}

interface Requirement {
  readonly field: string;
  readonly what: string;
  readonly value: string;
  readonly known: readonly string[];
}

function requireKnown({ title }: Engine, { field, what, value, known }: Requirement): void {
  if (!known.includes(value)) {
    throw new UserError({
      field,
      problem: `${title} has no ${what} ${value}`,
      remedy: `use ${known.join(', ')}, or another planning.engine`,
    });
  }
}
