/** Problems of every kind that the planner may meet, from a seed. */
import type { LayerCosts, Matrix, Problem } from '../../src/planner/problem.ts';

export const kinds = ['blocks', 'two-blocks', 'free', 'no-triangle', 'reentry', 'wild', 'classes'] as const;
export type Kind = (typeof kinds)[number];

/** What a generated problem may have beyond one table for all stages and edges. */
export const features = [
  'plain',
  'stage-dependent',
  'per-edge',
  'per-iteration',
  'forbidden',
  'memory-tie',
  'buffers',
  'boundary-weight',
  'everything',
] as const;
export type Feature = (typeof features)[number];

export interface Shape {
  readonly kind: Kind;
  readonly feature: Feature;
  readonly layers: number;
  readonly strategies: number;
  readonly stages: number;
}

/** A reproducible stream of numbers in [0, 1): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A problem of the given shape. Costs have three decimals, so that equal sums and ties occur. */
export function generate(seed: number, shape: Shape): Problem {
  const random = randomNumbers(seed);
  const { kind, feature, stages, strategies } = shape;
  const has = (name: Feature): boolean => feature === name || feature === 'everything';
  const between = (low: number, high: number): number => Math.round((low + random() * (high - low)) * 1000) / 1000;
  const list = <T>(length: number, item: (index: number) => T): T[] =>
    Array.from({ length }, (_, index) => item(index));
  const row = (low: number, high: number): number[] => list(strategies, () => between(low, high));

  const stageTable = (low: number, high: number): Matrix => {
    const base = row(low, high);
    const rows = list(stages, () => (has('stage-dependent') && random() < 0.6 ? row(low, high) : base));
    return has('forbidden') ? rows.map((costs) => costs.map((cost) => (random() < 0.15 ? Infinity : cost))) : rows;
  };
  const zero = list(stages, () => list(strategies, () => 0));
  /** Few sizes, as many layers and strategies have the same. */
  const buffers = (): Matrix => stageTable(0, 6).map((row) => row.map(Math.round));
  const newLayer = (): LayerCosts => ({
    name: 'layer',
    time: kind === 'reentry' ? stageTable(0.5, 3) : stageTable(1, 10),
    memory: has('memory-tie') ? tied(stageTable(1, 8)) : stageTable(1, 8),
    buffers: has('buffers') ? buffers() : zero,
    perIteration: has('per-iteration') ? stageTable(0, 6) : zero,
  });
  const layers = chain(shape, newLayer, random);

  const matrices = list(has('per-edge') ? 2 : 1, () => ({
    reshard: reshardOf(shape, random, between),
    transfer: transferOf(shape, random, between),
  }));
  const edges = layers.slice(1).map((_, u) => (u === 0 || u === layers.length - 2 ? 0 : matrices.length - 1));
  const leanest = layers.map(({ memory }) => Math.min(...memory.flat().filter(Number.isFinite)));
  const buffer = Math.max(...layers.map(({ buffers }) => Math.min(...buffers.flat().filter(Number.isFinite))));
  const total = leanest.reduce((sum, bytes) => sum + bytes, stages * buffer);
  const limit = Math.round((total / stages) * (0.95 + random() * 1.3) * 1000) / 1000;
  return {
    stages,
    microBatches: 1 + Math.floor(random() * 8),
    boundaryWeight: has('boundary-weight') ? between(1, 5) : 1,
    memoryLimit: list(stages, () => {
      const own = has('stage-dependent') ? limit * (0.8 + random() * 0.5) : limit;
      return has('memory-tie') ? Math.round(own * 10) / 10 : own;
    }),
    layers,
    reshard: edges.map((edge) => matrices[edge]?.reshard ?? []),
    transfer: edges.map((edge) => matrices[edge]?.transfer ?? []),
  };
}

/** Memory in tenths, whose sums are not exact in binary and often hit the limit. */
function tied(table: Matrix): Matrix {
  return table.map((costs) => costs.map((cost) => Math.round(cost) / 10));
}

function chain({ kind, layers }: Shape, newLayer: () => LayerCosts, random: () => number): LayerCosts[] {
  const [head, block, other, tail] = [newLayer(), newLayer(), newLayer(), newLayer()];
  const split = Math.floor(random() * layers);
  const framed = (u: number): LayerCosts => (u === 0 ? head : u === layers - 1 ? tail : block);
  const layerOf: Record<Kind, (u: number) => LayerCosts> = {
    free: newLayer,
    'two-blocks': (u) => (u < split ? block : other),
    reentry: () => block,
    blocks: framed,
    'no-triangle': framed,
    classes: framed,
    wild: () => [head, block, block, other][Math.floor(random() * 4)] ?? block,
  };
  return Array.from({ length: layers }, (_, u) => layerOf[kind](u));
}

type Between = (low: number, high: number) => number;

function square(strategies: number, entry: (k: number, l: number) => number): Matrix {
  return Array.from({ length: strategies }, (_, k) => Array.from({ length: strategies }, (__, l) => entry(k, l)));
}

function reshardOf({ kind, strategies }: Shape, random: () => number, between: Between): Matrix {
  const step = between(0.2, 2);
  const position = Array.from({ length: strategies }, () => between(0, 2));
  switch (kind) {
    case 'wild':
      return square(strategies, () => (random() < 0.3 ? 0 : between(0, 4)));
    case 'no-triangle':
      return square(strategies, (k, l) => (k === l ? 0 : random() < 0.5 ? between(3, 5) : between(0, 0.5)));
    case 'reentry':
      // Points on a line obey the triangle inequality.
      return square(strategies, (k, l) => Math.abs((position[k] ?? 0) - (position[l] ?? 0)) / 4);
    case 'blocks':
    case 'two-blocks':
    case 'free':
    case 'classes':
      return square(strategies, (k, l) => (k % 2 === l % 2 ? 0 : step));
  }
}

function transferOf({ kind, strategies }: Shape, random: () => number, between: Between): Matrix {
  const [same, other] = [between(0.3, 1), between(0.5, 2)];
  switch (kind) {
    case 'wild':
    case 'no-triangle':
      return square(strategies, () => between(0, 3));
    case 'reentry':
      return square(strategies, () => (random() < 0.3 ? between(0, 0.2) : between(2, 4)));
    case 'blocks':
    case 'two-blocks':
    case 'free':
    case 'classes':
      return square(strategies, (k, l) => (k % 2 === l % 2 ? same : other));
  }
}
