import type { V1Node, V1Pod } from '@kubernetes/client-node';
import Type, { type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { type Document, isCollection, isMap, isSeq, LineCounter, type ParsedNode, parseAllDocuments } from 'yaml';
import { UserError } from '../api/errors.ts';

export interface NodeFile {
  readonly nodes: V1Node[];
  readonly pods: V1Pod[];
}

const REMEDY = 'give what "kubectl get nodes -o yaml" prints, or "kubectl get nodes,pods -A -o yaml"';

const Strings = Type.Record(Type.String(), Type.String());
const Quantities = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]));
const Metadata = Type.Object({
  name: Type.String({ minLength: 1 }),
  namespace: Type.Optional(Type.String()),
  labels: Type.Optional(Strings),
  annotations: Type.Optional(Strings),
});

const Named = Type.Object({ metadata: Metadata });

/** The fields of a Node that this folder reads. */
const NodeShape = Type.Object({
  metadata: Metadata,
  spec: Type.Optional(
    Type.Object({
      unschedulable: Type.Optional(Type.Boolean()),
      taints: Type.Optional(
        Type.Array(Type.Object({ key: Type.String(), value: Type.Optional(Type.String()), effect: Type.String() })),
      ),
    }),
  ),
  status: Type.Optional(
    Type.Object({
      capacity: Type.Optional(Quantities),
      allocatable: Type.Optional(Quantities),
      conditions: Type.Optional(Type.Array(Type.Object({ type: Type.String(), status: Type.String() }))),
    }),
  ),
});

const Containers = Type.Array(
  Type.Object({
    resources: Type.Optional(Type.Object({ requests: Type.Optional(Quantities), limits: Type.Optional(Quantities) })),
  }),
);

/** The fields of a Pod that this folder reads. */
const PodShape = Type.Object({
  metadata: Metadata,
  spec: Type.Optional(
    Type.Object({
      nodeName: Type.Optional(Type.String()),
      containers: Type.Optional(Containers),
      initContainers: Type.Optional(Containers),
    }),
  ),
  status: Type.Optional(Type.Object({ phase: Type.Optional(Type.String()) })),
});

/** What errors call the text, and where its lines begin. */
interface Source {
  readonly file: string;
  readonly lines: LineCounter;
}

/** An object of the file, and where it stands. */
interface Item {
  readonly yaml: ParsedNode;
  readonly value: unknown;
  readonly source: Source;
}

/**
 * Reads Nodes, and Pods where there are any, from YAML or JSON: a List as kubectl prints it, single objects, or several
 * documents of either.
 *
 * @param file - What errors call the text.
 * @throws UserError with the line where the text is no YAML, an object is of another kind, or a field that is read has
 * another type than in Kubernetes; and where there is no Node at all.
 */
export function readNodeFile(text: string, file: string): NodeFile {
  const source = { file, lines: new LineCounter() };
  const documents = parseAllDocuments(text, { lineCounter: source.lines });
  const items = ('empty' in documents ? [] : documents).flatMap((document) => itemsOf(document, source));
  refuseTwins(items);
  const nodes: V1Node[] = [];
  const pods: V1Pod[] = [];
  for (const item of items) {
    const kind = kindOf(item);
    if (kind === 'Node') {
      check(item, NodeShape);
      // The fields that are read have the client's types, but that times are text, as kubectl prints them.
      nodes.push(item.value as V1Node);
    } else if (kind === 'Pod') {
      check(item, PodShape);
      pods.push(item.value as V1Pod);
    } else {
      throw fault(item.yaml, item.source, `expected Nodes and Pods, found ${kind ?? 'something without a kind'}`);
    }
  }
  if (nodes.length === 0) {
    throw new UserError({ source: file, problem: 'no Node in the file', remedy: REMEDY });
  }
  return { nodes, pods };
}

function itemsOf(document: Document.Parsed, source: Source): readonly Item[] {
  const [error] = document.errors;
  if (error !== undefined) {
    // The library's message goes on with a picture of the place.
    const problem = error.message.split(/ at line \d+/)[0] ?? error.message;
    throw new UserError({ problem, source: placeOf(error.pos[0], source) });
  }
  const { contents } = document;
  return contents === null || contents.range[0] === contents.range[1] ? [] : listed(contents, document, source);
}

/** The items of a List (of any kind of list), or the object itself. */
function listed(yaml: ParsedNode, document: Document.Parsed, source: Source): readonly Item[] {
  const items = isMap(yaml) ? yaml.get('items', true) : undefined;
  if (isMap(yaml) && isSeq(items) && String(yaml.get('kind')).endsWith('List')) {
    return items.items.flatMap((item) => listed(item as ParsedNode, document, source));
  }
  return [{ yaml, value: yaml.toJS(document), source }];
}

function kindOf({ value }: Item): string | undefined {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  return typeof kind === 'string' ? kind : undefined;
}

/** Whether the fields that are read here have the types that the API gives them. */
function check({ yaml, value, source }: Item, shape: TSchema): void {
  const [error] = Value.Errors(shape, value);
  if (error !== undefined) {
    const path = error.instancePath.split('/').slice(1).map(unescapePointer);
    throw fault(at(yaml, path), source, [path.join('.'), error.message].filter(Boolean).join(' '));
  }
}

/** JSON pointers write `/` as `~1` and `~` as `~0`. */
function unescapePointer(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The nearest thing to what a path leads to. */
function at(yaml: ParsedNode, path: readonly string[]): ParsedNode {
  const [key, ...rest] = path;
  const child = key !== undefined && isCollection(yaml) ? yaml.get(isSeq(yaml) ? Number(key) : key, true) : undefined;
  return child === undefined ? yaml : at(child as ParsedNode, rest);
}

function fault(yaml: ParsedNode, source: Source, problem: string): UserError {
  return new UserError({ problem, source: placeOf(yaml.range[0], source), remedy: REMEDY });
}

function placeOf(offset: number, { file, lines }: Source): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}

/** An object that stands twice would be counted twice. */
function refuseTwins(items: readonly Item[]): void {
  const seen = new Map<string, Item>();
  for (const item of items) {
    const metadata = Value.Check(Named, item.value) ? item.value.metadata : undefined;
    const identity = [kindOf(item), metadata?.namespace, metadata?.name].join('/');
    const twin = metadata === undefined ? undefined : seen.get(identity);
    if (twin !== undefined) {
      const { line } = twin.source.lines.linePos(twin.yaml.range[0]);
      throw new UserError({
        source: placeOf(item.yaml.range[0], item.source),
        problem: `${kindOf(item) ?? 'object'} ${metadata?.name ?? ''} stands in line ${line} already`,
        remedy: 'give each once',
      });
    }
    seen.set(identity, item);
  }
}
