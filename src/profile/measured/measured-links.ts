/** A HardwareProfile in numbers. */
import type { HardwareProfile } from '../../api/hardware-profile.ts';

type Spec = HardwareProfile['spec'];
export type Operation = Spec['collectives'][number]['operation'];

/** Which ranks talk: `size` of them, `stride` apart, `membersPerNode` of them on one node. */
export interface MeasuredGroup {
  readonly size: number;
  readonly stride: number;
  readonly membersPerNode: number;
}

export interface MeasuredLinks {
  /** Seconds of a collective of a group, where it was measured. `bytes`: the whole tensor on one rank. */
  collective(operation: Operation, group: MeasuredGroup, bytes: number): number | undefined;
  /** Seconds in which every rank sends `bytes` to the one `stride` further, where that was measured. */
  send(stride: number, acrossNodes: boolean, bytes: number): number | undefined;
  /** How many times as long computation takes while communication runs beside it. */
  readonly computationSlowdown?: number;
}

export function measuredLinks({ collectives, pointToPoint, computationSlowdown }: Spec): MeasuredLinks {
  const curves = collectives.map((entry) => ({ ...entry, seconds: curveOf(entry, busShare(entry)) }));
  const sends = pointToPoint.map((entry) => ({ ...entry, seconds: curveOf(entry, 1) }));
  return {
    collective(operation, group, bytes) {
      const alike = curves.filter((entry) => entry.operation === operation && sameGroup(entry, group));
      return preferred(alike)?.seconds(bytes);
    },
    send(stride, acrossNodes, bytes) {
      const alike = sends.filter((entry) => entry.stride === stride && entry.acrossNodes === acrossNodes);
      return preferred(alike)?.seconds(bytes);
    },
    ...(computationSlowdown !== undefined && { computationSlowdown: Number(computationSlowdown) }),
  };
}

function sameGroup(a: MeasuredGroup, b: MeasuredGroup): boolean {
  return a.size === b.size && a.stride === b.stride && a.membersPerNode === b.membersPerNode;
}

/** Times by size say more than one bandwidth. */
function preferred<T extends { readonly times: readonly unknown[] }>(entries: readonly T[]): T | undefined {
  return entries.find(({ times }) => times.length > 0) ?? entries.at(0);
}

/** Bytes over the bus for each byte of the tensor (nccl-tests, `doc/PERFORMANCE.md`). */
function busShare({ operation, size }: { readonly operation: Operation; readonly size: number }): number {
  return (operation === 'AllReduce' ? 2 : 1) * ((size - 1) / size);
}

interface Measurement {
  readonly times: readonly { readonly bytes: number; readonly seconds: string }[];
  readonly bytesPerSecond?: string;
}

/**
 * Seconds by message size: on the line between two measured sizes; a smaller message takes as long as the smallest measured,
 * which start-up dominates; a larger one takes the largest's time for each of its bytes.
 */
function curveOf({ times, bytesPerSecond }: Measurement, busShareOfBytes: number): (bytes: number) => number {
  const points = times
    .map(({ bytes, seconds }) => ({ bytes, seconds: Number(seconds) }))
    .toSorted((a, b) => a.bytes - b.bytes);
  const largest = points.at(-1);
  if (largest === undefined) {
    return (bytes) => (busShareOfBytes * bytes) / Number(bytesPerSecond ?? Infinity);
  }
  return (bytes) => {
    const index = points.findIndex((point) => point.bytes >= bytes);
    const [before, after] = [points[index - 1], points[index]];
    if (after === undefined) return largest.seconds * (bytes / largest.bytes);
    if (before === undefined || after.bytes === bytes) return after.seconds;
    const weight = (bytes - before.bytes) / (after.bytes - before.bytes);
    return before.seconds + weight * (after.seconds - before.seconds);
  };
}
