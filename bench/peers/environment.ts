/** A throw-away Python environment with what plans are compared with, kept in the user's cache between runs. */
import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const GALVATRON = 'hetu-galvatron==2.4.0';
/** What its search imports, and SCIP. */
const PACKAGES = ['numpy==2.4.6', 'scipy==1.17.1', 'tqdm==4.70.1', 'pyscipopt==6.3.0'];

const FOLDER = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'uniap-bench', 'peers');

/** Path of the environment's Python, installed if it is not there. */
export async function peersPython(): Promise<string> {
  const python = join(FOLDER, 'bin', 'python');
  const marker = join(FOLDER, 'installed');
  if (await exists(marker)) return python;
  await run('python3', ['-m', 'venv', FOLDER]);
  const install = async (...packages: readonly string[]) =>
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
  await install(...PACKAGES);
  // Its dependencies are of its training runtime: PyTorch and CUDA, several gigabytes that a search does not use.
  await install('--no-deps', GALVATRON);
  await mkdir(marker);
  return python;
}

/** What a script of this folder prints, as JSON. */
export async function runPython(script: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(await peersPython(), [join(import.meta.dirname, script), ...args], {
    maxBuffer: 2 ** 30,
  });
  return JSON.parse(stdout);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
