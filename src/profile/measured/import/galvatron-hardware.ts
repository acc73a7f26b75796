/** Hetu-Galvatron's measurements of links. */
import Type from 'typebox';
import type { HardwareProfile } from '../../../api/hardware-profile.ts';
import { contentOf, numbersIn, type SourceFile } from './source-file.ts';

/** What a file's name says was measured on. */
export interface Cluster {
  readonly nodes: number;
  readonly gpusPerNode: number;
}

type Collective = HardwareProfile['spec']['collectives'][number];
type PointToPoint = HardwareProfile['spec']['pointToPoint'][number];

const GIGA = 1e9;
const MEBIBYTE = 2 ** 20;
const PER_SECOND = 1000;

/** `allreduce_size_4_consec_0`: bus bandwidth of groups of four ranks that lie as far apart as they can; `_1`: neighbours. */
export function collectiveBandwidths(source: SourceFile, cluster: Cluster): Collective[] {
  const key = /^allreduce_size_(\d+)_consec_([01])$/;
  return numbersIn(source, key, "Hetu-Galvatron's all-reduce bandwidths").map(({ groups: [size, near], value }) => {
    const group = { size: Number(size), stride: near === '1' ? 1 : gpusOf(cluster) / Number(size) };
    return {
      operation: 'AllReduce',
      ...group,
      membersPerNode: membersPerNode(group, cluster),
      times: [],
      bytesPerSecond: String(value * GIGA),
    };
  });
}

const OPERATIONS: Readonly<Record<string, Collective['operation']>> = { allreduce: 'AllReduce', all2all: 'AllToAll' };

/** `allreduce_size_8_64MB_time`: milliseconds of 64 MiB among groups of eight neighbours. */
export function collectiveTimes(source: SourceFile, cluster: Cluster): Collective[] {
  const key = /^(allreduce|all2all)_size_(\d+)_(\d+)MB_time$/;
  const entries = numbersIn(source, key, "Hetu-Galvatron's times of collectives");
  const groups = Map.groupBy(entries, ({ groups: [operation, size] }) => `${operation} ${size}`);
  return [...groups.values()].map((alike) => {
    const [operation = '', ranks] = alike[0]?.groups ?? [];
    const group = { size: Number(ranks), stride: 1 };
    const times = alike.map(({ groups: [, , mebibytes], value }) => ({
      bytes: Number(mebibytes) * MEBIBYTE,
      seconds: String(value / PER_SECOND),
    }));
    return {
      operation: OPERATIONS[operation] ?? 'AllReduce',
      ...group,
      membersPerNode: membersPerNode(group, cluster),
      times,
    };
  });
}

/** `pp_size_4`: bandwidth between neighbours of four stages, into which all GPUs are cut. */
export function sendBandwidths(source: SourceFile, cluster: Cluster): PointToPoint[] {
  const entries = numbersIn(source, /^pp_size_(\d+)$/, "Hetu-Galvatron's point-to-point bandwidths");
  return entries.map(({ groups: [stages], value }) => ({
    stride: gpusOf(cluster) / Number(stages),
    acrossNodes: cluster.nodes > 1,
    times: [],
    bytesPerSecond: String(value * GIGA),
  }));
}

const Overlap = Type.Object({ overlap_coe: Type.Number({ minimum: 1 }) });

/** How many times as long computation takes while communication runs. */
export function computationSlowdown(source: SourceFile): string {
  return String(contentOf(Overlap, source, "Hetu-Galvatron's overlap coefficient").overlap_coe);
}

function gpusOf({ nodes, gpusPerNode }: Cluster): number {
  return nodes * gpusPerNode;
}

function membersPerNode(
  { size, stride }: { readonly size: number; readonly stride: number },
  { gpusPerNode }: Cluster,
) {
  return Math.min(size, Math.max(1, Math.floor(gpusPerNode / stride)));
}
