/**
 * What a user could change so that some plan would fit into memory. Each change is tried by itself, and is offered only if
 * a plan fits with it; whether one fits is decided exactly and without the solver (src/planner/shortfall.ts).
 */
import { UserError } from '../api/errors.ts';
import { PARALLELISMS } from '../api/planning.ts';
import { tiedCandidates } from '../cost/agreements.ts';
import { candidatesOf } from '../cost/candidates.ts';
import { usableBytes } from '../cost/memory-limit.ts';
import { tablesFor } from '../cost/tables.ts';
import type { Candidate } from '../cost/workload.ts';
import type { Model } from '../model/layer.ts';
import { leastExcess } from '../planner/shortfall.ts';
import { DEVICES } from '../profile/devices.ts';
import type { Site } from './site.ts';
import { formatBytes } from './units.ts';

type Workload = Site['workload'];

/** A changed workload, and the change for people. */
interface Change {
  readonly words: string;
  readonly workload: Workload;
}

/** Changes of one kind, the smallest first; the first that fits is offered. */
type Remedy = (workload: Workload, modelFor: ModelFor) => Iterable<Change>;

/** The job's model with samples of another length. */
export type ModelFor = (sequenceLength: number) => Model;

/** Of a job: the schema's bound. */
const MOST_GPUS = 131072;

const REMEDIES: readonly Remedy[] = [
  allowParallelisms,
  allowRecomputation,
  allowFullSharding,
  freeDegrees,
  raiseMemoryLimit,
  moreGpus,
  shorterSequences,
  smallerBatch,
  largerDevice,
];

/** Changes that would each make a plan fit, those of planning first, then of resources, training and device. */
export function remediesFor(workload: Workload, modelFor: ModelFor): string[] {
  return REMEDIES.flatMap((remedy) => {
    for (const { words, workload: changed } of remedy(workload, modelFor)) {
      if (somePlanFits(changed)) return [words];
    }
    return [];
  });
}

function somePlanFits(workload: Workload): boolean {
  try {
    const tablesOf = tablesFor(workload);
    const hasPlan = (candidate: Candidate): boolean => {
      const problem = tablesOf(candidate)?.problem;
      const excess = problem === undefined ? null : leastExcess(problem);
      return excess !== null && excess.bytes <= 0;
    };
    return candidatesOf(workload).some(
      (candidate) => hasPlan(candidate) && tiedCandidates(workload, candidate).some(hasPlan),
    );
  } catch (error) {
    // The change alone makes no valid job: it divides no batch, say.
    if (error instanceof UserError) return false;
    throw error;
  }
}

function* allowParallelisms(workload: Workload): Generator<Change> {
  const { parallelisms } = workload.planning;
  const missing = PARALLELISMS.filter((parallelism) => !parallelisms.includes(parallelism));
  const sets = missing.length > 1 ? [...missing.map((one) => [one]), missing] : missing.map((one) => [one]);
  for (const added of sets) {
    yield {
      words: `add ${added.join(', ')} to planning.parallelisms`,
      workload: replan(workload, { parallelisms: [...parallelisms, ...added] }),
    };
  }
}

/** Full recomputation keeps least. */
function* allowRecomputation(workload: Workload): Generator<Change> {
  const { recomputations } = workload.planning;
  if (recomputations.includes('Full')) return;
  yield {
    words: 'add Full to planning.recomputations',
    workload: replan(workload, { recomputations: [...recomputations, 'Full'] }),
  };
}

/** ZeRO-3 keeps least. */
function* allowFullSharding(workload: Workload): Generator<Change> {
  const { zeroStages } = workload.planning;
  if (zeroStages.includes(3)) return;
  yield { words: 'add 3 to planning.zeroStages', workload: replan(workload, { zeroStages: [...zeroStages, 3] }) };
}

function* freeDegrees(workload: Workload): Generator<Change> {
  const fields = ['microBatches', 'pipelineDegree', 'tensorDegree', 'dataDegree', 'shardDegree'] as const;
  for (const field of fields.filter((each) => workload.planning[each] !== undefined)) {
    yield { words: `leave out planning.${field}`, workload: without(workload, field) };
  }
}

function* raiseMemoryLimit(workload: Workload): Generator<Change> {
  if (workload.planning.memoryLimitBytes === undefined) return;
  const freed = without(workload, 'memoryLimitBytes');
  yield {
    words: `leave out planning.memoryLimitBytes (${formatBytes(usableBytes(freed))} can be used)`,
    workload: freed,
  };
}

/** Whether a plan fits depends on how many GPUs there are, and not on how they are connected. */
function* moreGpus(workload: Workload): Generator<Change> {
  for (let gpus = 2 * workload.gpus; gpus <= MOST_GPUS; gpus *= 2) {
    yield { words: `use ${gpus} GPUs (resources.gpus)`, workload: { ...workload, gpus } };
  }
}

function* shorterSequences(workload: Workload, modelFor: ModelFor): Generator<Change> {
  const { tokensPerSample } = workload.model;
  for (let length = (tokensPerSample ?? 0) / 2; length >= 1 && Number.isInteger(length); length /= 2) {
    yield {
      words: `use sequences of ${length} tokens (training.sequenceLength)`,
      // Measured figures are of samples as long as they were.
      workload: { ...workload, model: modelFor(length), measured: [] },
    };
  }
}

function* smallerBatch(workload: Workload): Generator<Change> {
  for (let size = workload.training.globalBatchSize / 2; Number.isInteger(size); size /= 2) {
    yield {
      words: `use a global batch of ${size} (training.globalBatchSize)`,
      workload: { ...workload, training: { ...workload.training, globalBatchSize: size } },
    };
  }
}

function* largerDevice(workload: Workload): Generator<Change> {
  const larger = DEVICES.filter(({ memoryBytes }) => memoryBytes > workload.hardware.memoryBytes);
  for (const device of larger.toSorted((one, other) => one.memoryBytes - other.memoryBytes)) {
    const { memoryBytes } = device;
    yield {
      words: `use GPUs with ${formatBytes(memoryBytes)}, such as ${device.name}`,
      workload: { ...workload, hardware: { ...workload.hardware, device, memoryBytes } },
    };
  }
}

function replan(workload: Workload, changes: Partial<Workload['planning']>): Workload {
  return { ...workload, planning: { ...workload.planning, ...changes } };
}

function without(workload: Workload, field: keyof Workload['planning']): Workload {
  const others = Object.entries(workload.planning).filter(([name]) => name !== field);
  const planning = Object.fromEntries(others) as Workload['planning']; // TypeScript cannot tell the keys of fromEntries
  return { ...workload, planning };
}
