import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { hasCode, withLock } from './lock.ts';

const MODULE = join(import.meta.dirname, 'control-plane');
const PROGRAMS = ['etcd', 'helm', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kwok'];
const PACKAGES_PER_PROGRESS_LINE = 250;
const LOG_TAIL_LINES = 25;

/**
 * Builds the control plane's programs unless this version of them is cached, and returns the folder that holds them
 * under their usual names (`kubectl`, `etcd` …). Processes that call it at once build once.
 *
 * Says on standard error how far it is.
 *
 * @throws Error if Go is missing, the build fails, or `signal` aborts it.
 */
export async function buildControlPlane(signal?: AbortSignal): Promise<string> {
  const cache = process.env.UNIAP_CACHE ?? join(homedir(), '.cache', 'uniap');
  const folder = join(cache, `control-plane-${await versionHash()}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder; // built by the process that held the lock
    const scratch = await mkdtemp(`${folder}.`);
    try {
      await compile(join(scratch, 'control-plane'), signal);
      await Promise.all(PROGRAMS.map((name) => symlink('control-plane', join(scratch, name))));
      await rename(scratch, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return folder;
  });
}

/** Changes whenever the binary would: its sources, its pinned modules, or the Go release that compiles them. */
async function versionHash(): Promise<string> {
  const files = (await readdir(MODULE)).filter((name) => /\.go$|^go\.(mod|sum)$/.test(name)).sort();
  const hash = createHash('sha256').update(await go(['env', 'GOVERSION', 'GOOS', 'GOARCH']));
  for (const file of files) hash.update(file).update(await readFile(join(MODULE, file)));
  return hash.digest('hex').slice(0, 16);
}

async function compile(output: string, signal: AbortSignal | undefined): Promise<void> {
  console.error('Building the test control plane (Kubernetes, etcd, kwok, helm): about 5 minutes the first time.');
  console.error('  downloading modules …');
  const packages = (await go(['list', '-deps', '.'], { signal })).trim().split('\n').length;
  let compiled = 0;
  const onLogLine = () => {
    compiled += 1;
    if (compiled % PACKAGES_PER_PROGRESS_LINE === 0) console.error(`  compiled ${compiled} of ${packages} packages`);
  };
  await go(['build', '-v', '-trimpath', '-ldflags', await linkerFlags(), '-o', output, '.'], { signal, onLogLine });
  console.error('  done; cached for the next time.');
}

/** Strips debug information, and tells Kubernetes its version, which otherwise calls itself v0.0.0-master. */
async function linkerFlags(): Promise<string> {
  const version = (await go(['list', '-m', '-f', '{{.Version}}', 'k8s.io/kubernetes'])).trim();
  const [major = '', minor = ''] = version.slice(1).split('.');
  const set = (name: string, value: string) => `-X k8s.io/component-base/version.${name}=${value}`;
  return ['-s -w', set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)].join(' ');
}

interface GoOptions {
  readonly signal?: AbortSignal | undefined;
  /** Sees each line that goes to standard error, as it comes. */
  readonly onLogLine?: (line: string) => void;
}

/** Runs the go command in the module and returns what it prints. */
async function go(args: readonly string[], { signal, onLogLine }: GoOptions = {}): Promise<string> {
  const running = promisify(execFile)('go', args, {
    cwd: MODULE,
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
      throw new Error('the test control plane is built with Go 1.26 or newer; see https://go.dev/dl', { cause });
    }
    const log = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trimEnd().split('\n') : [];
    // eslint-disable-next-line preserve-caught-error -- it would print the whole log again
    throw new Error([`go ${args[0] ?? ''} failed; the end of its log:`, ...log.slice(-LOG_TAIL_LINES)].join('\n'));
  }
}

if (import.meta.main) console.log(await buildControlPlane());
