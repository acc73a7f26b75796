/** Training engines that read a plan from files and flags of their own. docs/engines.md describes them. */
import type { Engine, EngineFile, EngineJob, EngineName } from './engine.ts';
import { GALVATRON } from './galvatron.ts';
import { checkTraining } from './limits.ts';
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
export function engineFiles(name: EngineName, job: EngineJob): readonly EngineFile[] {
  const engine = ENGINES[name];
  checkTraining(engine, job);
  return engine.files(job);
}
