/**
 * Profiles of Piper (NeurIPS 2021; its README describes the format): for each layer and tensor-parallel degree, plain and with
 * recomputation, seconds of both passes together and bytes kept of a micro-batch. A micro-batch is one sample to it: how many
 * sequences it had, and how long they were, the file does not say.
 */
import Type from 'typebox';
import { UserError } from '../../../api/errors.ts';
import { API_VERSION } from '../../../api/group.ts';
import type { LayerProfile, ModelProfile } from '../../../api/model-profile.ts';
import { contentOf, type ImportOptions, type SourceFile } from './source-file.ts';

/** What Piper's files do not say of themselves. */
export interface PiperOptions extends ImportOptions {
  /** Sequences in a micro-batch. */
  readonly samples?: number;
}

const Configuration = Type.Object({
  id: Type.String(),
  timePerSample: Type.Number({ minimum: 0 }),
  parameterSize: Type.Number({ minimum: 0 }),
  memoryUsageA: Type.Number({ minimum: 0 }),
});
const PiperProfile = Type.Object({
  nodes: Type.Array(
    Type.Object({ name: Type.String(), TMPCs: Type.Record(Type.String(), Type.Array(Configuration, { minItems: 1 })) }),
    { minItems: 1 },
  ),
});

type Node = Type.Static<typeof PiperProfile>['nodes'][number];
type Configuration = Type.Static<typeof Configuration>;

/**
 * Kinds of layer by the names of Megatron-LM's modules, which Piper profiled. Nodes of other names are inputs, and the pooler,
 * which is a part of what we call the head.
 */
const KINDS: Readonly<Record<string, string>> = {
  Embedding: 'embedding',
  ParallelTransformerLayer: 'block',
};

const PLAIN = 'vanilla';
const RECOMPUTED = 'activation recomp';

/** @throws UserError where the file is not Piper's, or `options` do not say what it leaves out */
export function importPiper(source: SourceFile, { samples, sequenceLength, device }: PiperOptions): ModelProfile {
  const { nodes } = contentOf(PiperProfile, source, "one of Piper's input files");
  if (samples === undefined || sequenceLength === undefined) {
    throw new UserError({
      source: source.file,
      problem: 'does not say what a micro-batch was',
      remedy: 'give --samples and --sequence-length',
    });
  }
  const kinds = Map.groupBy(
    nodes.filter(({ name }) => name in KINDS),
    ({ name }) => KINDS[name] ?? name,
  );
  if (kinds.size === 0) {
    throw new UserError({ source: source.file, problem: `has none of the layers ${Object.keys(KINDS).join(', ')}` });
  }
  const name =
    source.file
      .split('/')
      .at(-1)
      ?.replace(/[.]json$/, '') ?? source.file;
  return {
    apiVersion: API_VERSION,
    kind: 'ModelProfile',
    metadata: { name: `piper-${name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-')}` },
    spec: {
      provenance: {
        tool: 'Piper',
        source: `${name}.json`,
        licence: 'MIT',
        ...(device !== undefined && { device }),
        note: 'medians over layers of a kind; the forward pass is what recomputation adds, and the rest of both passes is the backward pass',
      },
      model: name,
      precision: 'FP16',
      sequenceLength,
      layers: [...kinds].map(([kind, alike]) => layerProfile(kind, alike, samples)),
    },
  };
}

function layerProfile(kind: string, alike: readonly Node[], samples: number): LayerProfile {
  const degrees = Object.keys(alike[0]?.TMPCs ?? {});
  const shapes = degrees.flatMap((degree) => {
    const of = (id: string, figure: (configuration: Configuration) => number): number =>
      median(alike.flatMap(({ TMPCs }) => TMPCs[degree]?.filter((entry) => entry.id === id).map(figure) ?? []));
    const shape = { tensor: Number(degree), sequenceParallel: false, samples };
    return [{ shape, of }];
  });
  return {
    names: [kind],
    parameters: median(alike.flatMap(({ TMPCs }) => TMPCs['1']?.map(({ parameterSize }) => parameterSize) ?? [])),
    // A module of Megatron-LM's runs its own collectives, so its time has them in it.
    exchange: 'Included',
    times: shapes.flatMap(({ shape, of }) => {
      const both = of(PLAIN, ({ timePerSample }) => timePerSample);
      const forward = of(RECOMPUTED, ({ timePerSample }) => timePerSample) - both;
      return both === 0 || forward <= 0 || forward >= both
        ? []
        : [
            {
              ...shape,
              recomputation: 'None' as const,
              forwardSeconds: String(forward),
              backwardSeconds: String(both - forward),
            },
          ];
    }),
    activations: shapes.flatMap(({ shape, of }) =>
      (
        [
          ['None', PLAIN],
          ['Full', RECOMPUTED],
        ] as const
      ).map(([recomputation, id]) => ({
        ...shape,
        recomputation,
        bytes: Math.round(of(id, ({ memoryUsageA }) => memoryUsageA)),
      })),
    ),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
