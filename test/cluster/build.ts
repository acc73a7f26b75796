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

/**
 * Builds the control plane's programs unless this version of them is cached, and returns the folder that holds them
 * under their usual names (`kubectl`, `etcd` …). Processes that call it at once build once.
 *
 * @param report - takes one line of progress for people.
 * @throws Error if Go is missing or the build fails.
 */
export async function buildControlPlane(report: (line: string) => void = console.error): Promise<string> {
  const cache = process.env.UNIAP_CACHE ?? join(homedir(), '.cache', 'uniap');
  const folder = join(cache, `control-plane-${await versionHash()}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder; // built by the process that held the lock
    const scratch = await mkdtemp(`${folder}.`);
    try {
      await compile(join(scratch, 'control-plane'), report);
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

async function compile(output: string, report: (line: string) => void): Promise<void> {
  report('Building the test control plane (Kubernetes, etcd, kwok, helm): about 5 minutes the first time.');
  report('  downloading modules …');
  await go(['mod', 'download']);
  const packages = (await go(['list', '-deps', '.'])).trim().split('\n').length;
  let compiled = 0;
  await go(['build', '-v', '-trimpath', '-ldflags', await linkerFlags(), '-o', output, '.'], () => {
    compiled += 1;
    if (compiled % PACKAGES_PER_PROGRESS_LINE === 0) report(`  compiled ${compiled} of ${packages} packages`);
  });
  report('  done; cached for the next time.');
}

/** Strips debug information, and tells Kubernetes its version, which otherwise calls itself v0.0.0-master. */
async function linkerFlags(): Promise<string> {
  const version = (await go(['list', '-m', '-f', '{{.Version}}', 'k8s.io/kubernetes'])).trim();
  const [major = '', minor = ''] = version.slice(1).split('.');
  const set = (name: string, value: string) => `-X k8s.io/component-base/version.${name}=${value}`;
  return ['-s -w', set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)].join(' ');
}

/** Runs the go command in the module and returns what it prints; `onLogLine` sees what it logs meanwhile. */
async function go(args: readonly string[], onLogLine?: (line: string) => void): Promise<string> {
  const running = promisify(execFile)('go', args, {
    cwd: MODULE,
    env: { ...process.env, CGO_ENABLED: '0' },
    maxBuffer: 64 * 2 ** 20,
  });
  if (onLogLine && running.child.stderr) createInterface(running.child.stderr).on('line', onLogLine);
  try {
    return (await running).stdout;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new Error('the test control plane is built with Go 1.26 or newer; see https://go.dev/dl', { cause: error });
  }
}

if (import.meta.main) console.log(await buildControlPlane());
