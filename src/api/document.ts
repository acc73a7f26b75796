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

/** One document of a text. */
export interface Located {
  /** What its field `kind` says. */
  readonly kind: unknown;
  readonly document: unknown;
  readonly locate: Locate;
}

/**
 * The documents of a YAML (or JSON) text, in order.
 *
 * @throws UserError where the text is not YAML.
 */
export function readDocuments(text: string, file: string): readonly Located[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  return documents.map((document) => {
    const value = toValue(document, at);
    return { kind: valueAt(value, ['kind']), document: value, locate: (path) => at(offsetOf(document, path)) };
  });
}

function findDocument(kind: string, text: string, file: string): Located {
  const documents = readDocuments(text, file);
  const [found, another] = documents.filter((document) => document.kind === kind);
  if (found === undefined) {
    throw noneOf([kind], documents, file);
  }
  if (another !== undefined) {
    throw new UserError({ source: file, problem: `holds more than one ${kind}`, remedy: 'put each in its own file' });
  }
  return found;
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

/** The error that a text holds no document of some kinds. */
export function noneOf(kinds: readonly string[], documents: readonly Located[], file: string): UserError {
  const found = documents.map(({ kind }) => kind).filter((kind) => typeof kind === 'string');
  return new UserError({
    source: file,
    problem: `holds no ${kinds.join(' or ')}${found.length === 0 ? '' : `, only ${found.join(', ')}`}`,
    remedy: found.map((other) => didYouMean(other, kinds)).find((suggestion) => suggestion !== undefined),
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
