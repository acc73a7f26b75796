/**
 * Profiles of Hetu-Galvatron (arXiv 2211.13878), whose profilers write JSON files with names that say what was measured. Units
 * are those in which its search engine reads them (version 2.4): milliseconds, MiB, and GB/s as nccl-tests prints them.
 */
import { invariant, UserError } from '../../../api/errors.ts';
import { API_VERSION } from '../../../api/group.ts';
import type { HardwareProfile } from '../../../api/hardware-profile.ts';
import type { ModelProfile } from '../../../api/model-profile.ts';
import type { Provenance } from '../../../api/provenance.ts';
import {
  collectiveBandwidths,
  collectiveTimes,
  computationSlowdown,
  sendBandwidths,
  type Cluster,
} from './galvatron-hardware.ts';
import { layerSizes, layerTimes, PRECISIONS, sequenceLengthOf } from './galvatron-model.ts';
import type { ImportOptions, SourceFile } from './source-file.ts';

export interface ImportedProfiles {
  readonly models: readonly ModelProfile[];
  readonly hardware: readonly HardwareProfile[];
}

const MODEL_FILE = /^(computation|memory)_profiling_(bf16|fp16|fp32)_(.+)[.]json$/;
const HARDWARE_FILE = /^(allreduce_bandwidth|p2p_bandwidth|sp_time)_(\d+)nodes_(\d+)gpus_per_node[.]json$/;
const OVERLAP_FILE = 'overlap_coefficient.json';

/**
 * @returns one ModelProfile for each model and precision, and one HardwareProfile of all files about hardware. Where two files
 *   measured the same, the later one counts.
 * @throws UserError where a file is none of Hetu-Galvatron's, or not of the form that its name says
 */
export function importGalvatron(files: readonly SourceFile[], options: ImportOptions): ImportedProfiles {
  const ofModels = files.flatMap((source) => modelFile(source) ?? []);
  const models = Map.groupBy(ofModels, ({ name, precision }) => `${name}-${precision}`.toLowerCase());
  const hardware = files.filter((source) => modelFile(source) === undefined);
  return {
    models: [...models].map(([name, alike]) => modelProfile(name, alike, options)),
    hardware: hardware.length === 0 ? [] : [hardwareProfile(hardware, options)],
  };
}

interface ModelFile {
  readonly source: SourceFile;
  readonly times: boolean;
  readonly precision: ModelProfile['spec']['precision'];
  readonly name: string;
}

function modelFile(source: SourceFile): ModelFile | undefined {
  const [, what, written = '', name = ''] = MODEL_FILE.exec(baseName(source)) ?? [];
  const precision = PRECISIONS.get(written);
  return precision && { source, times: what === 'computation', precision, name };
}

function modelProfile(name: string, files: readonly ModelFile[], options: ImportOptions): ModelProfile {
  const [first] = files;
  invariant(first, 'a model without files');
  const sources = files.map(({ source }) => source);
  const sequenceLength = sequenceLengthOf(sources, options.sequenceLength);
  return {
    apiVersion: API_VERSION,
    kind: 'ModelProfile',
    metadata: { name: objectName(`galvatron-${name}`) },
    spec: {
      provenance: provenance(sources, options),
      model: first.name,
      precision: first.precision,
      sequenceLength,
      layers: files.flatMap(({ source, times }) =>
        times ? layerTimes(source, sequenceLength) : layerSizes(source, sequenceLength),
      ),
    },
  };
}

function hardwareProfile(sources: readonly SourceFile[], options: ImportOptions): HardwareProfile {
  const parts = sources.map(hardwareFigures);
  const slowdown = parts.findLast((part) => part.computationSlowdown !== undefined)?.computationSlowdown;
  return {
    apiVersion: API_VERSION,
    kind: 'HardwareProfile',
    metadata: { name: 'galvatron' },
    spec: {
      provenance: provenance(sources, options),
      collectives: lastOfEach(
        parts.flatMap(({ collectives = [] }) => collectives),
        ({ operation, size, stride, membersPerNode, times }) =>
          [operation, size, stride, membersPerNode, times.length > 0].join(),
      ),
      pointToPoint: lastOfEach(
        parts.flatMap(({ pointToPoint = [] }) => pointToPoint),
        ({ stride, acrossNodes }) => [stride, acrossNodes].join(),
      ),
      ...(slowdown !== undefined && { computationSlowdown: slowdown }),
    },
  };
}

type Figures = Partial<Pick<HardwareProfile['spec'], 'collectives' | 'pointToPoint' | 'computationSlowdown'>>;

function hardwareFigures(source: SourceFile): Figures {
  if (baseName(source) === OVERLAP_FILE) {
    return { computationSlowdown: computationSlowdown(source) };
  }
  const [, what = '', nodes, gpus] = HARDWARE_FILE.exec(baseName(source)) ?? [];
  const read = READERS.get(what);
  if (read === undefined) {
    throw new UserError({
      source: source.file,
      problem: "not called as Hetu-Galvatron's profilers call their files",
      remedy:
        'give computation_profiling_PRECISION_MODEL.json, memory_profiling_PRECISION_MODEL.json, allreduce_bandwidth_…, ' +
        `p2p_bandwidth_… or sp_time_Nnodes_Ggpus_per_node.json, or ${OVERLAP_FILE}`,
    });
  }
  return read(source, { nodes: Number(nodes), gpusPerNode: Number(gpus) });
}

const READERS = new Map<string, (source: SourceFile, cluster: Cluster) => Figures>([
  ['allreduce_bandwidth', (source, cluster) => ({ collectives: collectiveBandwidths(source, cluster) })],
  ['sp_time', (source, cluster) => ({ collectives: collectiveTimes(source, cluster) })],
  ['p2p_bandwidth', (source, cluster) => ({ pointToPoint: sendBandwidths(source, cluster) })],
]);

function provenance(sources: readonly SourceFile[], { device }: ImportOptions): Provenance {
  return {
    tool: 'hetu-galvatron',
    source: sources.map(baseName).join(', '),
    licence: 'Apache-2.0',
    ...(device !== undefined && { device }),
  };
}

function baseName({ file }: SourceFile): string {
  return file.split('/').at(-1) ?? file;
}

/** As Kubernetes allows names of objects. */
function objectName(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
}

function lastOfEach<T>(entries: readonly T[], key: (entry: T) => string): T[] {
  return [...new Map(entries.map((entry) => [key(entry), entry])).values()];
}
