/** Seconds of a run's step: its price, and what its program does besides. */
import { UserError } from '../api/errors.ts';
import { turnsSeconds } from '../cost/collectives.ts';
import { pipelineWaits } from '../cost/pipeline-waits.ts';
import { stageSeconds, type Price } from '../cost/price.ts';
import { hardwareOfRun } from './run-hardware.ts';
import { candidateOfRun } from './run-layout.ts';
import type { Run } from './run.ts';

/** @throws {UserError} where figures of the run are so small or large that no number says it */
export function secondsOfRun(run: Run, price: Price): number {
  const seconds = price.stepSeconds + waits(run, price) + turns(run);
  if (!Number.isFinite(seconds)) throw new UserError({ problem: 'what the run says makes its step last forever' });
  return seconds;
}

/** Of 1F1B: interleaved, the wait of a stage is another chunk's turn. */
function waits(run: Run, { stages, boundaries }: Price): number {
  const { microBatches, virtualStages } = candidateOfRun(run);
  return virtualStages > 1 ? 0 : pipelineWaits(microBatches, stages.map(stageSeconds), boundaries);
}

/** InternEvo's ranks broadcast the parameters that they have updated in turn (`hybrid_zero_optim.py`). */
function turns({ framework, layout, machine }: Run): number {
  const { shards, tensor, zeroStage } = layout;
  if (!framework.includes('intern') || zeroStage === 0 || zeroStage === 3) return 0;
  return turnsSeconds(hardwareOfRun(machine), { stride: tensor, size: shards });
}
