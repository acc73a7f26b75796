/**
 * From a document that somebody wrote to a resource that is valid: the same defaults, and the same verdict, as the API
 * server gives.
 */
import type { Static, TObject } from 'typebox';
import Value from 'typebox/value';
import { invariant, InvalidDocumentError, UserError } from './errors.ts';
import type { Fault } from './fault.ts';
import { formatFieldPath, type FieldPath, valueAt } from './field-path.ts';
import { normalize } from './normalize.ts';
import { ParallelPlan } from './parallel-plan.ts';
import { ruleFaults } from './rule-faults.ts';
import { schemaFaults } from './schema-faults.ts';
import { TrainingJob } from './training-job.ts';

/** Tells where in a text the value at a path stands: "job.yaml:14:5". */
export type Locate = (path: FieldPath) => string | undefined;

/**
 * A TrainingJob with its defaults.
 *
 * @param document - As read from YAML or JSON, or from the API server.
 * @throws InvalidDocumentError with every fault found, each with the path of its field.
 */
export function parseTrainingJob(document: unknown, locate?: Locate): TrainingJob {
  return parseResource(TrainingJob, document, locate);
}

/** A ParallelPlan with its defaults; otherwise as {@link parseTrainingJob}. */
export function parseParallelPlan(document: unknown, locate?: Locate): ParallelPlan {
  return parseResource(ParallelPlan, document, locate);
}

/** A resource of any kind, with its defaults; otherwise as {@link parseTrainingJob}. */
export function parseResource<T extends TObject>(
  schema: T,
  document: unknown,
  locate: Locate = () => undefined,
): Static<T> {
  const resource = Value.Default(schema, normalize(schema, document));
  const faults = faultsOf(schema, resource);
  if (faults.length > 0) {
    throw new InvalidDocumentError(
      describe(resource),
      faults.map(
        ({ path, problem, remedy }) =>
          new UserError({ field: formatFieldPath(path), source: locate(path), problem, remedy }),
      ),
    );
  }
  invariant(Value.Check(schema, resource), 'the schema refuses what was found without fault');
  return resource;
}

/** Rules are for documents of the right shape, and a document of another kind has no right shape. */
function faultsOf(schema: TObject, resource: unknown): readonly Fault[] {
  const found = schemaFaults(schema, resource);
  const ofAnotherKind = found.filter(({ path: [field] }) => field === 'apiVersion' || field === 'kind');
  if (ofAnotherKind.length > 0) return ofAnotherKind;
  return found.length > 0 ? found : ruleFaults(schema, resource);
}

/** "TrainingJob llama", as far as the document says. */
function describe(resource: unknown): string {
  const words = [valueAt(resource, ['kind']), valueAt(resource, ['metadata', 'name'])];
  return words.filter((word) => typeof word === 'string').join(' ') || 'the document';
}
