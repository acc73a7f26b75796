/** Runs the measurements of this folder's Python on the runtime's own environment. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stagesOf } from '../../src/plan/stages.ts';
import { readProfiles, type Profiles } from '../../src/profile/measured/read-profiles.ts';
import { handMade } from '../../src/estimate/hand-made.ts';
import type { Case } from './cases.ts';
import { siteOf } from './site.ts';

const run = promisify(execFile);
const PYTHON = join(import.meta.dirname, '../../runtime/.venv/bin/python');

export interface Measured {
  readonly of: Case;
  readonly profiles: Profiles;
  /** Of each layout, seconds of its steps. */
  readonly steps: readonly (readonly number[])[];
  /** Share of all cores' time that other programs took meanwhile. */
  readonly othersShare: number;
}

/** What the script prints of a case. */
interface Line {
  readonly profile: { readonly model: unknown; readonly hardware: unknown };
  readonly steps: Measured['steps'];
  readonly othersShare: number;
}

/** Profile first, then the steps of each layout, case by case. */
export async function measure(cases: readonly Case[]): Promise<readonly Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-local-'));
  try {
    const folders = await Promise.all(cases.map((each, index) => prepare(each, join(folder, String(index)))));
    const script = [join(import.meta.dirname, 'measure.py'), ...folders];
    const { stdout } = await run(PYTHON, script, { maxBuffer: 2 ** 26 });
    return stdout
      .trim()
      .split('\n')
      .flatMap((text, index) => {
        const of = cases[index];
        const line = JSON.parse(text) as Line; // The form is that of the script beside this file.
        return of === undefined ? [] : [{ of, ...readLine(line) }];
      });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function prepare(one: Case, folder: string): Promise<string> {
  const files = { config: one.config, training: one.training, plans: one.layouts.map((layout) => planOf(one, layout)) };
  await mkdir(folder);
  await Promise.all(
    Object.entries(files).map(([name, content]) => writeFile(join(folder, `${name}.json`), JSON.stringify(content))),
  );
  return folder;
}

/** What the runtime reads of a plan. */
function planOf(one: Case, text: string): Readonly<Record<string, unknown>> {
  const { workload } = siteOf(one, {});
  const { candidate, layout } = handMade(text, workload);
  const seats = layout.strategies.map((strategy, layer) => ({
    stage: layout.placement[layer] ?? 0,
    virtualStage: 0,
    strategy,
  }));
  return {
    globalBatchSize: one.training.globalBatchSize,
    microBatches: candidate.microBatches,
    schedule: '1F1B',
    gpus: one.ranks,
    stages: stagesOf(workload.model.layers, seats),
  };
}

function readLine({ profile, ...rest }: Line): Omit<Measured, 'of'> {
  const documents = [profile.model, profile.hardware].map((document) => JSON.stringify(document));
  return { profiles: readProfiles([{ file: 'the profile measured', text: documents.join('\n---\n') }]), ...rest };
}
