/** Resources in YAML text, with the line of every fault. */
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { UserError } from './errors.ts';
import { type FieldPath, valueAt } from './field-path.ts';
import type { ParallelPlan } from './parallel-plan.ts';
import { type Locate, parseParallelPlan, parseTrainingJob } from './parse.ts';
import { didYouMean } from './suggest.ts';
import type { TrainingJob } from './training-job.ts';

/**
 * The TrainingJob in a text of one or several YAML (or JSON) documents, with its defaults.
 *
 * @param file - What errors call the text.
 * @throws UserError where the text is not YAML or does not hold exactly one TrainingJob; InvalidDocumentError with every
 *   fault found, each with its line.
 */
export function readTrainingJob(text: string, file: string): TrainingJob {
  const { document, locate } = findDocument('TrainingJob', text, file);
  return parseTrainingJob(document, locate);
}

/** The ParallelPlan in a text; otherwise as {@link readTrainingJob}. */
export function readParallelPlan(text: string, file: string): ParallelPlan {
  const { document, locate } = findDocument('ParallelPlan', text, file);
  return parseParallelPlan(document, locate);
}

interface Located {
  readonly document: unknown;
  readonly locate: Locate;
}

function findDocument(kind: string, text: string, file: string): Located {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const values = documents.map((document) => toValue(document, at));
  const kinds = values.map((value) => valueAt(value, ['kind']));
  const index = kinds.indexOf(kind);
  const document = documents[index];
  if (document === undefined) throw noneOf(kind, kinds, file);
  if (kinds.lastIndexOf(kind) !== index) {
    throw new UserError({ source: file, problem: `holds more than one ${kind}`, remedy: 'put each in its own file' });
  }
  return { document: values[index], locate: (path) => at(offsetOf(document, path)) };
}

function toValue(document: Document, at: (offset: number) => string): unknown {
  const [error] = document.errors;
  if (error !== undefined) throw new UserError({ source: at(error.pos[0]), problem: error.message });
  try {
    return document.toJS();
  } catch (cause) {
    // An alias without an anchor, or too many of them.
    throw new UserError({ source: at(document.range?.[0] ?? 0), problem: String(cause), cause });
  }
}

function noneOf(kind: string, kinds: readonly unknown[], file: string): UserError {
  const found = kinds.filter((other) => typeof other === 'string');
  return new UserError({
    source: file,
    problem: `holds no ${kind}${found.length === 0 ? '' : `, only ${found.join(', ')}`}`,
    remedy: found.map((other) => didYouMean(other, [kind])).find((suggestion) => suggestion !== undefined),
  });
}

/** Start of the key at `path`, or of the nearest thing around it that is in the text. */
function offsetOf(document: Document, path: FieldPath): number {
  if (path.length === 0) return document.range?.[0] ?? 0;
  const parent = document.getIn(path.slice(0, -1), true);
  return keyOffset(parent, path.at(-1)) ?? offsetOf(document, path.slice(0, -1));
}

function keyOffset(parent: unknown, step: string | number | undefined): number | undefined {
  if (isMap(parent)) return startOf(parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === step)?.key);
  return isSeq(parent) && typeof step === 'number' ? startOf(parent.items[step]) : undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
