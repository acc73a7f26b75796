/** Rules of a TrainingJob that look at several of its fields, or at what they were before. */
import { Planning } from './planning.ts';
import type { CelRule } from './schema.ts';

/** A number that fixed degrees must divide, as paths into the spec. */
interface Division {
  readonly total: string;
  readonly factors: readonly string[];
  /** What else may be changed, after "use 15 or 18": a CEL string. */
  readonly otherwise: string;
}

/** The rule that the product of some fields, those not given counting as 1, divides another one. */
function divides({ total, factors, otherwise }: Division): CelRule {
  const whole = `self.${total}`;
  const parts = factors.map((factor) => `self.planning.?${factor}.orValue(1)`);
  const product = `(${parts.join(' * ')})`;
  const names = factors.map(
    (factor) => `has(self.planning.${factor}) ? '${factor} %d'.format([self.planning.${factor}]) : ''`,
  );
  const given = `[${names.join(', ')}].filter(factor, factor != '')`;
  const below = `(${whole} < ${product} ? '' : '%d or '.format([${whole} / ${product} * ${product}]))`;
  const above = `(${whole} / ${product} + 1) * ${product}`;
  return {
    // A product of doubles cannot overflow, and where it is small enough neither can the product of integers.
    rule: `${parts.map((part) => `double(${part})`).join(' * ')} <= double(${whole}) && ${whole} % ${product} == 0`,
    message: `${total} must be a multiple of the product of ${factors.join(', ')}`,
    messageExpression: `'%d is not a multiple of %d, the product of %s; use %s%d, or ${otherwise} %d'.format([${whole}, ${product}, ${given}, ${below}, ${above}, ${whole}])`,
    fieldPath: `.${total}`,
  };
}

const DEGREES = ['pipelineDegree', 'tensorDegree', 'dataDegree', 'shardDegree'];

const everyDegreeGiven = DEGREES.map((degree) => `has(self.planning.${degree})`).join(' && ');
const doublesOfDegrees = DEGREES.map((degree) => `double(self.planning.${degree})`).join(' * ');
const productOfDegrees = DEGREES.map((degree) => `self.planning.${degree}`).join(' * ');

/** Where nothing is left to choose, all GPUs must be used. */
const degreesUseAllGpus: CelRule = {
  rule: `!(${everyDegreeGiven}) || ${doublesOfDegrees} >= double(self.resources.gpus)`,
  message: 'the product of all four degrees must be resources.gpus',
  messageExpression: `'the degrees use %d of %d GPUs; set resources.gpus to %d, or leave one degree to the planner'.format([${productOfDegrees}, self.resources.gpus, ${productOfDegrees}])`,
  fieldPath: '.resources.gpus',
};

/** Rules of the spec. */
export const crossFieldRules: readonly CelRule[] = [
  divides({ total: 'resources.gpus', factors: DEGREES, otherwise: 'degrees whose product divides' }),
  degreesUseAllGpus,
  divides({
    total: 'training.globalBatchSize',
    factors: ['microBatches', 'dataDegree', 'shardDegree'],
    otherwise: 'factors whose product divides',
  }),
];

/** What pods are planned and made from. Approval concerns a plan that is there already. */
const PLANNED_FROM = [
  { path: 'model', optional: false },
  { path: 'training', optional: false },
  { path: 'resources', optional: false },
  { path: 'template', optional: false },
  { path: 'monitoring.port', optional: false },
  ...Object.keys(Planning.properties)
    .filter((field) => field !== 'review' && field !== 'approvedRevision')
    .map((field) => ({ path: `planning.${field}`, optional: !Planning.required.some((name) => name === field) })),
];

/**
 * The rule that a planned job stays as it was planned, except while it is suspended. One of the whole object, since it
 * looks at the status.
 */
function fixedOncePlanned({ path, optional }: (typeof PLANNED_FROM)[number]): CelRule {
  const [now, before] = [`self.spec.${path}`, `oldSelf.spec.${path}`];
  const unchanged = optional
    ? `has(${now}) == has(${before}) && (!has(${now}) || ${now} == ${before})`
    : `${now} == ${before}`;
  return {
    rule: `!has(oldSelf.status) || !has(oldSelf.status.plan) || oldSelf.spec.runPolicy.suspend || (${unchanged})`,
    message: `the job is planned and not suspended: set runPolicy.suspend to true before changing ${path}, or make another job`,
    fieldPath: `.spec.${path}`,
  };
}

/** Rules of the whole object. */
export const immutabilityRules: readonly CelRule[] = PLANNED_FROM.map(fixedOncePlanned);
