/** What the cost model says of a layout, in the words of a ParallelPlan. */
import { invariant } from '../api/errors.ts';
import type { ParallelPlanSpec, PlannedStage } from '../api/parallel-plan.ts';
import { NO_CORRECTIONS, type Corrections } from '../cost/corrections.ts';
import type { Hardware } from '../cost/hardware.ts';
import { stageSeconds, type Price } from '../cost/price.ts';
import { modelFlops } from '../model/counts/flops.ts';
import { sum } from '../planner/at.ts';
import { figuresNote, type PlannedLayout } from './figures-note.ts';
import { limitedBy } from './limited-by.ts';
import { precisionNote } from './precision-note.ts';
import type { Site } from './site.ts';
import { stageBytes } from './stage-bytes.ts';
import { formatNumber } from './units.ts';

export type Prediction = NonNullable<ParallelPlanSpec['predicted']>;

export function predictionOf(site: Site, layout: PlannedLayout, price: Price): Prediction {
  const { workload } = site;
  const { model, training, hardware, gpus } = workload;
  const samplesPerSecond = training.globalBatchSize / price.stepSeconds;
  const note = precisionNote(hardware.device, training.precision);
  const figures = [figuresNote(site, layout), correctionsNote(hardware)].filter((part) => part !== undefined);
  const peak = gpus * hardware.device.flopsPerSecond[training.precision];
  return {
    stepSeconds: predicted(price.stepSeconds),
    samplesPerSecond: predicted(samplesPerSecond),
    ...(model.tokensPerSample !== null && { tokensPerSecond: predicted(samplesPerSecond * model.tokensPerSample) }),
    modelFlopsUtilisation: predicted((samplesPerSecond * modelFlops(model.layers)) / peak),
    memoryLimitBytes: Math.floor(price.usableBytes),
    ...causesOf(price),
    ...(hardware.corrections && { corrections: inWords(hardware.corrections) }),
    limitedBy: [limitedBy(price), note].filter((part) => part !== undefined).join('; '),
    ...(figures.length > 0 && { figures: figures.join('; ') }),
  };
}

/** A step in two parts. The bubble is what stages take, so that it divides as they do. */
function causesOf({
  time,
  stages,
  stepSeconds,
}: Price): Pick<Prediction, 'computationSeconds' | 'communicationSeconds'> {
  const share = sum(stages.map(({ computation }) => computation)) / sum(stages.map(stageSeconds));
  const computation = time.computation + time.optimizer + time.bubble * share;
  return {
    computationSeconds: predicted(computation),
    communicationSeconds: predicted(Math.max(0, stepSeconds - computation)),
  };
}

/** For people: only what is corrected. */
function correctionsNote({ corrections = NO_CORRECTIONS }: Pick<Hardware, 'corrections'>): string | undefined {
  const factors = (['computation', 'communication', 'memory'] as const)
    .filter((what) => corrections[what] !== 1)
    .map((what) => `${what} × ${formatNumber(corrections[what])}`);
  return factors.length === 0 ? undefined : `corrected by what runs have shown: ${factors.join(', ')}`;
}

function inWords({ computation, communication, memory }: Corrections): NonNullable<Prediction['corrections']> {
  return {
    computation: predicted(computation),
    communication: predicted(communication),
    memory: predicted(memory),
  };
}

/** The stages with the time and memory predicted for each. */
export function pricedStages(stages: readonly PlannedStage[], price: Price): PlannedStage[] {
  return stages.map((stage, index) => {
    const priced = price.stages[index];
    invariant(priced, `no price for stage ${index}`);
    return {
      ...stage,
      memoryBytes: Math.ceil(stageBytes(priced)),
      secondsPerMicroBatch: predicted(priced.computation + priced.tensor + priced.sharding + priced.resharding),
    };
  });
}

/** Digits of a prediction: more than it is worth, and few enough to read. */
const DIGITS = 6;

function predicted(number: number): string {
  return decimal(Number(number.toPrecision(DIGITS)));
}

/** The shortest decimal that reads back as the same number. */
export function decimal(number: number): string {
  invariant(Number.isFinite(number), `${number} where a plan needs a number`);
  return String(number);
}
