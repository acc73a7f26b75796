import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { hasCode, withLock } from './lock.ts';

const PACKAGES_PER_PROGRESS_LINE = 250;
const LOG_TAIL_LINES = 25;

/** Programs that are built from pinned Go modules. */
export interface GoModule {
  /** Holds go.mod, and the sources where there are any. */
  readonly folder: string;
  /** What is built, for people, and how long it takes. */
  readonly describe: string;
  /** Of the module: `.`, or `tool` for what go.mod names as tools. */
  readonly packages: string;
  /** Flags of `go build`, given the version of a module that is built in. */
  readonly flags: (versionOf: (module: string) => Promise<string>) => Promise<readonly string[]>;
  /** Completes the folder with the programs. */
  readonly complete?: (folder: string) => Promise<void>;
}

/**
 * Builds the programs unless this version of them is cached, and returns the folder that holds them. Processes that call
 * it at once build once.
 *
 * Says on standard error how far it is.
 *
 * @throws Error if Go is missing, the build fails, or `signal` aborts it.
 */
export async function buildGoModule(module: GoModule, signal?: AbortSignal): Promise<string> {
  const cache = process.env.UNIAP_CACHE ?? join(homedir(), '.cache', 'uniap');
  const folder = join(cache, `${basename(module.folder)}-${await versionHash(module)}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder; // built by the process that held the lock
    const scratch = await mkdtemp(`${folder}.`);
    try {
      await compile(module, scratch, signal);
      await module.complete?.(scratch);
      await rename(scratch, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return folder;
  });
}

/** Changes whenever the programs would: their sources, their pinned modules, or the Go release that compiles them. */
async function versionHash({ folder }: GoModule): Promise<string> {
  const files = (await readdir(folder)).filter((name) => /\.go$|^go\.(mod|sum)$/.test(name)).sort();
  const hash = createHash('sha256').update(await go(folder, ['env', 'GOVERSION', 'GOOS', 'GOARCH']));
  for (const file of files) hash.update(file).update(await readFile(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}

async function compile(module: GoModule, output: string, signal: AbortSignal | undefined): Promise<void> {
  const { folder, packages } = module;
  const versionOf = async (name: string) => (await go(folder, ['list', '-m', '-f', '{{.Version}}', name])).trim();
  const flags = await module.flags(versionOf);
  console.error(`Building ${module.describe} the first time.`);
  console.error('  downloading modules …');
  const all = (await go(folder, ['list', '-deps', ...flags, packages], { signal })).trim().split('\n').length;
  let compiled = 0;
  const onLogLine = () => {
    compiled += 1;
    if (compiled % PACKAGES_PER_PROGRESS_LINE === 0) console.error(`  compiled ${compiled} of ${all} packages`);
  };
  await go(folder, ['build', '-v', '-trimpath', ...flags, '-o', `${output}/`, packages], { signal, onLogLine });
  console.error('  done; cached for the next time.');
}

interface GoOptions {
  readonly signal?: AbortSignal | undefined;
  /** Sees each line that goes to standard error, as it comes. */
  readonly onLogLine?: (line: string) => void;
}

/** Runs the go command in the module and returns what it prints. */
async function go(folder: string, args: readonly string[], { signal, onLogLine }: GoOptions = {}): Promise<string> {
  const running = promisify(execFile)('go', args, {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: '0' },
    maxBuffer: 64 * 2 ** 20,
    signal,
  });
  if (onLogLine && running.child.stderr) createInterface(running.child.stderr).on('line', onLogLine);
  try {
    return (await running).stdout;
  } catch (cause) {
    signal?.throwIfAborted();
    if (hasCode(cause, 'ENOENT')) {
      throw new Error('programs of the tests are built with Go 1.26 or newer; see https://go.dev/dl', { cause });
    }
    const log = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trimEnd().split('\n') : [];
    // eslint-disable-next-line preserve-caught-error -- it would print the whole log again
    throw new Error([`go ${args[0] ?? ''} failed; the end of its log:`, ...log.slice(-LOG_TAIL_LINES)].join('\n'));
  }
}
