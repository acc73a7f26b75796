/**
 * The planning problem for one candidate (pipeline stages, micro-batches), in tables: what the cost model hands over and
 * all that the planner knows. No GPU, model or cluster is named here. Symbols are those of the UniAP paper
 * (arXiv 2307.16375).
 *
 * A plan puts each layer u of a chain into one stage i and gives it one strategy k. Its value is
 *
 *     Σ p_i + w Σ o_j + (c − 1) · max(p_1..p_pp, o_1..o_{pp−1}) + max_i e_i
 *
 * with p_i the time of stage i for one micro-batch (time of its layers and resharding between them), o_j the transfer
 * across the boundary j → j+1 and e_i what stage i pays once per iteration; w is 1, but where stages are interleaved. A
 * stage's memory is that of its layers, and the largest of their buffers: Σ M + max B.
 */

/** `matrix[k][l]`: strategy k of the layer before, l of the layer after. At least 0, finite. */
export type Matrix = readonly (readonly number[])[];

/** `table[i][k]`: stage i, strategy k. Rows that are equal should be the same array. At least 0; `Infinity` forbids. */
export type StageTable = readonly (readonly number[])[];

export interface LayerCosts {
  readonly name: string;
  /** A[u,i,k]: time of one micro-batch, forward and backward. Seconds. */
  readonly time: StageTable;
  /** M[u,i,k]: memory on each device, all the time. Bytes. */
  readonly memory: StageTable;
  /** B[u,i,k]: memory besides, only while the layer is worked on: a stage needs that of one layer at a time. Bytes. */
  readonly buffers: StageTable;
  /** Time paid once per iteration (gradient synchronisation left uncovered, optimizer). Seconds. */
  readonly perIteration: StageTable;
}

export interface Problem {
  /** pp. */
  readonly stages: number;
  /** c. */
  readonly microBatches: number;
  /** w: how often the pipeline waits for each boundary while it fills and drains. At least 1. */
  readonly boundaryWeight: number;
  /** Memory limit of each stage, per device. Bytes. Length: stages. */
  readonly memoryLimit: readonly number[];
  /** The chain, V layers. Layers with equal costs should share the arrays of their tables. */
  readonly layers: readonly LayerCosts[];
  /** R[u][k][l]: cost of the edge from layer u to u+1 inside a stage, per micro-batch. V − 1 matrices. Seconds. */
  readonly reshard: readonly Matrix[];
  /** R'[u][k][l]: cost of that edge across a stage boundary, per micro-batch. V − 1 matrices. Seconds. */
  readonly transfer: readonly Matrix[];
}

/** A plan for a {@link Problem}. */
export interface Assignment {
  /** Stage of each layer, non-decreasing from 0 to stages − 1, every stage used. */
  readonly placement: readonly number[];
  /** Index of the strategy of each layer. */
  readonly strategy: readonly number[];
}

/** Seconds and bytes of an {@link Assignment}, as the checker computes them from the tables. */
export interface Evaluation {
  readonly value: number;
  /** p_i. */
  readonly stageTime: readonly number[];
  /** o_j, length stages − 1. */
  readonly boundaryTime: readonly number[];
  /** e_i. */
  readonly iterationTime: readonly number[];
  /** Σ M + max B of the layers of each stage. */
  readonly stageMemory: readonly number[];
}

export type SolveStatus = 'optimal' | 'feasible' | 'infeasible' | 'unknown';

/** What came of one candidate. `lowerBound` is proved whatever the status; Infinity where infeasible. */
export interface SolveResult {
  /** `feasible`: a plan, not proved to be within the gap asked for. `unknown`: stopped without a plan. */
  readonly status: SolveStatus;
  readonly assignment: Assignment | null;
  readonly evaluation: Evaluation | null;
  readonly lowerBound: number;
  /** What settled it: the stage-wise search, a linear form in the solver, or neither (bounds alone). */
  readonly form: 'stage-wise' | 'grouped' | 'path' | 'none';
  /** Of the solver's branch-and-bound tree. */
  readonly solverNodes: number;
  readonly seconds: number;
  /** Why the solve broke down, where it did. */
  readonly failure?: string;
}
