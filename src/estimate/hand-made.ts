/** A layout that a person names by its degrees: `pipeline=4,tensor=2`. */
import { UserError } from '../api/errors.ts';
import { didYouMean } from '../api/suggest.ts';
import type { Layout } from '../cost/price.ts';
import { gpusPerStage, type Candidate, type Strategy, type Workload } from '../cost/workload.ts';
import { evenPlacement } from './placement.ts';

export interface HandMade {
  readonly candidate: Candidate;
  readonly layout: Layout;
}

const DEGREES = ['pipeline', 'tensor', 'data', 'shards', 'zero', 'microBatches', 'virtualStages'] as const;
const RECOMPUTATIONS = ['None', 'Selective', 'Full'] as const;
const NAMES: readonly string[] = [...DEGREES, 'recomputation', 'sequenceParallel'];

type Settings = ReadonlyMap<string, string>;

/**
 * The same strategy for every layer, and blocks evenly in stages. What is not named: 1, but for `data`, which takes the GPUs that
 * are left, `zero` 3, no recomputation, and sequence parallelism as the job has it.
 *
 * @param text - `name=value`, separated by commas
 * @throws {UserError} where the text is not that, or the job cannot be laid out so
 */
export function handMade(text: string, workload: Workload): HandMade {
  const settings = readSettings(text);
  const degree = (name: (typeof DEGREES)[number]): number | null => readDegree(settings, name);
  const stages = degree('pipeline') ?? 1;
  const virtualStages = degree('virtualStages') ?? 1;
  const candidate = { stages, virtualStages, microBatches: degree('microBatches') ?? 1 };
  requireDivides(workload.gpus, stages, 'GPUs', 'pipeline');
  const [tensor, shards] = [degree('tensor') ?? 1, degree('shards') ?? 1];
  const replicas = degree('data') ?? gpusPerStage(workload, candidate) / (tensor * shards);
  requireFills(workload, { stages, tensor, shards, replicas });
  requireSplits(workload, tensor);
  requireDivides(
    workload.training.globalBatchSize,
    candidate.microBatches * shards * replicas,
    'samples',
    'microBatches × shards × data',
  );
  const sequenceParallel = readSequenceParallel(settings, workload.planning.sequenceParallel);
  const strategy: Strategy = {
    tensor,
    shards,
    replicas,
    sequenceParallel: tensor > 1 && sequenceParallel,
    zeroStage: readZeroStage(settings),
    recomputation: readRecomputation(settings),
  };
  requireInterleaves(candidate);
  const layers = workload.model.layers.length;
  requireEnoughLayers(layers, stages * virtualStages);
  return {
    candidate,
    layout: {
      placement: evenPlacement(layers, stages * virtualStages),
      strategies: workload.model.layers.map(() => strategy),
    },
  };
}

function readSettings(text: string): Settings {
  const settings = text.split(',').map((part) => readSetting(part));
  const twice = settings.find(([name], index) => settings.findIndex(([other]) => other === name) < index);
  if (twice !== undefined) throw fault(`${twice[0]} is set twice`);
  return new Map(settings);
}

function readSetting(part: string): readonly [name: string, value: string] {
  const [name = '', value, more] = part.split('=').map((word) => word.trim());
  if (value === undefined || value === '' || more !== undefined) throw fault(`"${part}" is not name=value`);
  if (!NAMES.includes(name)) {
    throw fault(`${name} is not known`, didYouMean(name, NAMES) ?? `use ${NAMES.join(', ')}`);
  }
  return [name, value];
}

function fault(problem: string, remedy?: string): UserError {
  return new UserError({ source: '--set', problem, remedy });
}

function readDegree(settings: Settings, name: string): number | null {
  const text = settings.get(name);
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw fault(`${name} ${text} is not a whole number from 1`);
  return value;
}

function readZeroStage(settings: Settings): Strategy['zeroStage'] {
  const text = settings.get('zero') ?? '3';
  const stage = ([1, 2, 3] as const).find((known) => String(known) === text);
  if (stage === undefined) throw fault(`zero ${text} is not known`, 'use 1, 2 or 3');
  return stage;
}

function readRecomputation(settings: Settings): Strategy['recomputation'] {
  const text = settings.get('recomputation') ?? 'None';
  const known = RECOMPUTATIONS.find((word) => word.toLowerCase() === text.toLowerCase());
  if (known === undefined) throw fault(`recomputation ${text} is not known`, `use ${RECOMPUTATIONS.join(', ')}`);
  return known;
}

function readSequenceParallel(settings: Settings, otherwise: boolean): boolean {
  const text = settings.get('sequenceParallel');
  if (text !== undefined && text !== 'true' && text !== 'false') {
    throw fault(`sequenceParallel ${text} is not known`, 'use true or false');
  }
  return text === undefined ? otherwise : text === 'true';
}

function requireDivides(whole: number, part: number, things: string, by: string): void {
  if (whole % part !== 0) throw fault(`${whole} ${things} not divisible by ${by} ${part}`);
}

/** Interleaved 1F1B takes micro-batches through the chunks of the stages in rounds of one for each stage (arXiv 2104.04473). */
function requireInterleaves({ stages, virtualStages, microBatches }: Candidate): void {
  if (virtualStages === 1) return;
  if (stages === 1) throw fault(`virtualStages ${virtualStages} in a pipeline of 1`, 'use a longer pipeline');
  if (microBatches % stages !== 0) {
    throw fault(
      `microBatches ${microBatches} not divisible by pipeline ${stages}, as virtualStages need`,
      `use a multiple of ${stages}`,
    );
  }
}

function requireFills(
  { gpus }: Workload,
  { stages, tensor, shards, replicas }: Pick<Strategy, 'tensor' | 'shards' | 'replicas'> & { readonly stages: number },
): void {
  if (!Number.isInteger(replicas) || stages * tensor * shards * replicas !== gpus) {
    throw fault(
      `pipeline ${stages} × tensor ${tensor} × shards ${shards} × data ${replicas} are not the job's ${gpus} GPUs`,
      'use degrees whose product is that, or leave data out',
    );
  }
}

function requireSplits({ model }: Workload, tensor: number): void {
  const unable = model.layers.find(({ tensorDegrees }) => !tensorDegrees.includes(tensor));
  if (unable !== undefined) {
    throw fault(
      `layer ${unable.name} cannot be split by tensor ${tensor}`,
      `use one of ${unable.tensorDegrees.join(', ')}`,
    );
  }
}

function requireEnoughLayers(layers: number, chunks: number): void {
  if (layers < 3 || layers - 2 < chunks) throw fault(`${layers} layers are too few for ${chunks} stages`);
}
