/** What a run of the benchmarks found, kept as JSON between runs of its parts. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Case } from './cases.ts';
import type { ColdMeasurement } from './measurement.ts';
import type { GalvatronComparison } from './peers/compare-galvatron.ts';
import type { ScipComparison } from './peers/compare-scip.ts';
import type { Solved } from './solve-instance.ts';

export type MeasuredCase = Pick<Case, 'model' | 'gpus'> & ColdMeasurement;

/** Predicted step times of a case's best plans; null where none fits. Seconds. */
export interface Ablation extends Pick<Case, 'model' | 'gpus'> {
  readonly whole: number | null;
  readonly interLayer: number | null;
  readonly intraLayer: number | null;
}

export interface GrowthPoint extends ColdMeasurement {
  readonly x: number;
}

export interface Growth {
  readonly name: string;
  readonly points: readonly GrowthPoint[];
}

export interface Unlike extends Solved {
  readonly name: string;
}

/** By part of the benchmarks. */
export interface Results {
  readonly paper?: readonly MeasuredCase[];
  readonly large?: readonly MeasuredCase[];
  readonly ablations?: readonly Ablation[];
  readonly growth?: readonly Growth[];
  readonly unlike?: readonly Unlike[];
  readonly galvatron?: readonly GalvatronComparison[];
  readonly scip?: readonly ScipComparison[];
}

const FILE = new URL('../docs/benchmarks/results.json', import.meta.url);

export async function readResults(): Promise<Results> {
  const text = await readFile(FILE, 'utf8').catch(() => '{}');
  return JSON.parse(text) as Results; // what writeResults wrote
}

export async function writeResults(results: Results): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(results, undefined, 2)}\n`);
}
