/** The files of the engine that a job plans for. */
import type { ParallelPlanSpec } from '../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../api/training-job.ts';
import type { Config } from '../model/config/read-config.ts';
import type { EngineFile, EngineTraining } from './engines/engine.ts';
import { checkTraining, filesFor } from './engines/engines.ts';
import { modelDocument, modelOf } from './job-model.ts';

type PlannedFor = Pick<TrainingJobSpec, 'model' | 'training' | 'planning'>;

/**
 * None where the engine reads plan.json and groups.json itself.
 *
 * @param config - The config.json that the job gives inline or names; null where it names a preset or gives layers.
 * @throws {UserError} naming what the engine cannot run, and what would work
 */
export function engineFiles(spec: PlannedFor, plan: ParallelPlanSpec, config: Config | null): readonly EngineFile[] {
  const { engine } = spec.planning;
  return engine === 'uniap' ? [] : filesFor(engine, { ...trainingOf(spec, config), plan });
}

/** @throws {UserError} where the engine cannot run the job, however it is planned */
export function checkEngine(spec: PlannedFor, config: Config | null): void {
  const { engine } = spec.planning;
  if (engine !== 'uniap') checkTraining(engine, trainingOf(spec, config));
}

function trainingOf(spec: PlannedFor, config: Config | null): EngineTraining {
  return { training: spec.training, model: modelOf(spec, config), config: modelDocument(spec.model, config) };
}
