/** What a training engine is given to run a plan, and the plan as it is given to an engine. */
import type { ENGINES } from '../../api/planning.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import type { Config } from '../../model/config/read-config.ts';
import type { Model } from '../../model/layer.ts';

/** Engines other than the ones that read plan.json and groups.json themselves. */
export type EngineName = Exclude<(typeof ENGINES)[number], 'uniap'>;

/** What is trained, whatever the plan. */
export interface EngineTraining {
  readonly training: TrainingJobSpec['training'];
  readonly model: Model;
  /** The model's config.json; where the job gives its layers by their sizes, an object with that list. */
  readonly config: Config;
}

export interface EngineJob extends EngineTraining {
  /** Valid for the model (validatePlan). */
  readonly plan: ParallelPlanSpec;
}

/** A file for an engine, in one folder with its other files. */
export interface EngineFile {
  readonly name: string;
  readonly content: string;
}

export interface Engine {
  readonly name: EngineName;
  /** For people, with the version that the files are checked against. */
  readonly title: string;
  /** Families of models that it has code for. */
  readonly families: readonly string[];
  readonly precisions: readonly TrainingJobSpec['training']['precision'][];
  readonly optimizers: readonly TrainingJobSpec['training']['optimizer'][];
  /**
   * The plan as the engine's own files and flags. A script `NAME.sh` starts one node's processes; its arguments are added.
   *
   * @throws {UserError} naming what of the plan the engine cannot run, and what would work
   */
  readonly files: (job: EngineJob) => readonly EngineFile[];
}
