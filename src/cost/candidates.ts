import { UserError } from '../api/errors.ts';
import type { Layer } from '../model/layer.ts';
import { agreementsOf } from './agreements.ts';
import { divisors } from './divisors.ts';
import { engineLimits } from './engines.ts';
import { blocksOf, virtualStagesOf } from './interleaving.ts';
import { isTied, placedLayers } from './layers.ts';
import { strategiesOf } from './strategies.ts';
import type { Candidate, Workload } from './workload.ts';

/**
 * Every (pp, c) with pp dividing the GPUs and no larger than the number of layers, and c dividing the global batch, with every
 * number of virtual stages and every way in which layers can agree where engine or schedule ask for it, for which some strategy is
 * possible; honours what planning fixes, and what the engine can run. Plans in which tied layers lie unalike are left for the
 * search to take apart (`tiedParts`).
 *
 * @throws {UserError} where nothing is left, saying what stands against it
 */
export function candidatesOf(workload: Workload): readonly Candidate[] {
  for (const check of CHECKS) {
    check(workload);
  }
  const { planning, training, gpus, model } = workload;
  const stages = planning.parallelisms.includes('Pipeline') ? divisors(gpus) : [1];
  const degrees = planning.pipelineDegree === undefined ? stages : [planning.pipelineDegree];
  const batches = planning.microBatches === undefined ? divisors(training.globalBatchSize) : [planning.microBatches];
  const candidates = degrees
    .filter((degree) => degree <= model.layers.length)
    .flatMap((degree) => batches.map((microBatches) => ({ stages: degree, microBatches })))
    .flatMap((shape) => virtualStagesOf(workload, shape).map((virtualStages) => ({ ...shape, virtualStages })))
    .filter((shape) => canRun(workload, shape) && strategiesOf(workload, shape).length > 0)
    .flatMap((shape) => agreementsOf(workload, shape).map((only) => ({ ...shape, only })));
  if (candidates.length === 0) {
    throw nothingLeft(workload);
  }
  return candidates;
}

/** Whether the engine can run some plan of a candidate. */
function canRun({ planning, model }: Workload, candidate: Candidate): boolean {
  const { hasCandidate, schedules, tiesStages, blockInEachStage } = engineLimits(planning.engine);
  const layers = placedLayers(model.layers);
  return (
    hasCandidate(candidate, planning.schedule) &&
    (candidate.stages === 1 ||
      (schedules.includes(planning.schedule) &&
        (tiesStages || !layers.some(isTied)) &&
        (!blockInEachStage || candidate.stages <= layers.filter(({ repeated }) => repeated).length)))
  );
}

/** The first that does not hold is reported. */
const CHECKS: readonly ((workload: Workload) => void)[] = [
  pipelineDegreeDividesGpus,
  enoughLayers,
  microBatchesDivideBatch,
  tensorDegreeSplitsLayers,
  degreesDivideGpus,
  dataDegreesDivideMicroBatch,
  blocksFillVirtualStages,
];

function pipelineDegreeDividesGpus({ planning: { pipelineDegree }, gpus }: Workload): void {
  if (pipelineDegree !== undefined && gpus % pipelineDegree !== 0) {
    throw new UserError({
      problem: `${gpus} GPUs not divisible by pipeline degree ${pipelineDegree}`,
      remedy: `use ${oneOf(divisors(gpus))}`,
      field: 'spec.planning.pipelineDegree',
    });
  }
}

function enoughLayers({ planning: { pipelineDegree }, model: { layers } }: Workload): void {
  if (pipelineDegree !== undefined && pipelineDegree > layers.length) {
    throw new UserError({
      problem: `pipeline degree ${pipelineDegree} needs as many layers, but the model has ${layers.length}`,
      remedy: `use at most ${layers.length}`,
      field: 'spec.planning.pipelineDegree',
    });
  }
}

function microBatchesDivideBatch({ planning: { microBatches }, training: { globalBatchSize } }: Workload): void {
  if (microBatches !== undefined && globalBatchSize % microBatches !== 0) {
    throw new UserError({
      problem: `global batch size ${globalBatchSize} not divisible by ${microBatches} micro-batches`,
      remedy: `use ${oneOf(divisors(globalBatchSize))}`,
      field: 'spec.planning.microBatches',
    });
  }
}

function tensorDegreeSplitsLayers({ planning: { tensorDegree }, model: { layers } }: Workload): void {
  const unable =
    tensorDegree === undefined ? undefined : layers.find((layer) => !layer.tensorDegrees.includes(tensorDegree));
  if (tensorDegree !== undefined && unable !== undefined) {
    const common = unable.tensorDegrees.filter((degree) =>
      layers.every((layer) => layer.tensorDegrees.includes(degree)),
    );
    throw new UserError({
      problem: `${undividedOf(unable, layers, tensorDegree)} not divisible by tensor degree ${tensorDegree}`,
      remedy: `use ${oneOf(common)}`,
      field: 'spec.planning.tensorDegree',
    });
  }
}

/** What a tensor degree does not divide, for people: the heads, which people know, or the layer that it cannot split. */
function undividedOf(unable: Layer, layers: readonly Layer[], tensorDegree: number): string {
  const heads = layers
    .flatMap(({ operators }) => operators)
    .find((operator) => operator.kind === 'attention' && operator.heads % tensorDegree !== 0);
  return heads?.kind === 'attention' ? `heads ${heads.heads}` : `layer ${unable.name}`;
}

function degreesDivideGpus({ planning, gpus }: Workload): void {
  const fixed = fixedDegrees(planning);
  const product = fixed.reduce((total, [, degree]) => total * degree, 1);
  const words = fixed.map(([name, degree]) => `${name} ${degree}`).join(' × ');
  if (gpus % product !== 0) {
    throw new UserError({
      problem: `${gpus} GPUs not divisible by ${words} = ${product}`,
      remedy: `use degrees whose product is ${oneOf(divisors(gpus))}`,
      field: 'spec.planning',
    });
  }
  if (fixed.length === 4 && product !== gpus) {
    throw new UserError({
      problem: `${words} = ${product}, but the job has ${gpus} GPUs`,
      remedy: `use degrees whose product is ${gpus}, or leave one out`,
      field: 'spec.planning',
    });
  }
}

function fixedDegrees(planning: Workload['planning']): readonly (readonly [name: string, degree: number])[] {
  const degrees = [
    ['pipelineDegree', planning.pipelineDegree],
    ['tensorDegree', planning.tensorDegree],
    ['dataDegree', planning.dataDegree],
    ['shardDegree', planning.shardDegree],
  ] as const;
  return degrees.flatMap(([name, degree]) => (degree === undefined ? [] : [[name, degree] as const]));
}

function dataDegreesDivideMicroBatch({ planning, training: { globalBatchSize } }: Workload): void {
  const { dataDegree = 1, shardDegree = 1, microBatches = 1 } = planning;
  const parts = dataDegree * shardDegree * microBatches;
  if (globalBatchSize % parts !== 0) {
    throw new UserError({
      problem: `global batch size ${globalBatchSize} not divisible by dataDegree ${dataDegree} × shardDegree ${shardDegree} × microBatches ${microBatches} = ${parts}`,
      remedy: `use a multiple of ${parts}`,
      field: 'spec.training.globalBatchSize',
    });
  }
}

function blocksFillVirtualStages({ planning, model }: Workload): void {
  const { virtualStages = 1, pipelineDegree = 2 } = planning;
  if (virtualStages === 1) {
    return;
  }
  const count = blocksOf(model.layers)?.count;
  const field = 'spec.planning.virtualStages';
  if (count === undefined) {
    throw new UserError({
      problem: `${virtualStages} virtual stages for a model that does not repeat one kind of layer`,
      remedy: 'use 1',
      field,
    });
  }
  const possible = divisors(count).filter((chunks) => count / chunks >= pipelineDegree);
  if (!possible.includes(virtualStages)) {
    throw new UserError({
      problem: `${count} blocks cannot fill ${virtualStages} virtual stages of each of ${pipelineDegree} stages equally`,
      remedy: possible.length === 0 ? 'use fewer stages' : `use ${oneOf(possible)}`,
      field,
    });
  }
}

function nothingLeft({ gpus, training, planning }: Workload): UserError {
  if (planning.engine !== 'uniap') {
    return new UserError({
      problem: `engine ${planning.engine} can run no plan of a global batch of ${training.globalBatchSize} on ${gpus} GPUs as planning asks`,
      remedy: planning.recomputations.includes('None')
        ? 'allow more in planning, or use another engine'
        : 'engines recompute blocks only: add None to planning.recomputations',
      field: 'spec.planning.engine',
    });
  }
  const missing = (['Tensor', 'Data', 'FullySharded', 'Pipeline'] as const).filter(
    (parallelism) => !planning.parallelisms.includes(parallelism),
  );
  const allow = missing.length === 0 ? '' : `, or allow ${missing.join(', ')} in planning.parallelisms`;
  return new UserError({
    problem: `a global batch of ${training.globalBatchSize} cannot be split among ${gpus} GPUs as planning asks`,
    remedy: `use a global batch size that is a multiple of ${gpus}${allow}`,
    field: 'spec.training.globalBatchSize',
  });
}

/** `1, 2 or 4`. */
function oneOf(numbers: readonly number[]): string {
  const [last, ...others] = numbers.toReversed();
  return others.length === 0 ? `${last}` : `${others.toReversed().join(', ')} or ${last}`;
}
