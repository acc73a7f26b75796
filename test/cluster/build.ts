/** The programs of the test control plane, and what is tested with it. `node test/cluster/build.ts` builds them all. */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGoModule, type GoModule } from './go-module.ts';

const PROGRAMS = ['etcd', 'helm', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kwok'];

const CONTROL_PLANE: GoModule = {
  folder: join(import.meta.dirname, 'control-plane'),
  describe: 'the test control plane (Kubernetes, etcd, kwok, helm): about 5 minutes',
  packages: '.',
  // Strips debug information, and tells Kubernetes its version, which otherwise calls itself v0.0.0-master.
  flags: async (versionOf) => {
    const version = await versionOf('k8s.io/kubernetes');
    const [major = '', minor = ''] = version.slice(1).split('.');
    const set = (name: string, value: string) => `-X k8s.io/component-base/version.${name}=${value}`;
    return [
      '-ldflags',
      ['-s -w', set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)].join(' '),
    ];
  },
  complete: async (folder) => {
    await Promise.all(PROGRAMS.map((name) => symlink('control-plane', join(folder, name))));
  },
};

const PROMETHEUS: GoModule = {
  folder: join(import.meta.dirname, 'prometheus'),
  describe: 'Prometheus: about 3 minutes',
  packages: 'tool',
  flags: async (versionOf) => {
    const version = (await versionOf('github.com/prometheus/prometheus')).slice(1);
    // Of what it can discover by itself only Kubernetes: the others would double the build.
    const tags = ['-tags', 'remove_all_sd,enable_kubernetes_sd'];
    return [...tags, '-ldflags', `-s -w -X github.com/prometheus/common/version.Version=${version}`];
  },
};

/** Builds etcd, Kubernetes, kwok and helm, and returns the folder that holds them under their usual names. */
export async function buildControlPlane(signal?: AbortSignal): Promise<string> {
  return buildGoModule(CONTROL_PLANE, signal);
}

/** Builds Prometheus, and returns the folder that holds `prometheus` and `promtool`. */
export async function buildPrometheus(signal?: AbortSignal): Promise<string> {
  return buildGoModule(PROMETHEUS, signal);
}

if (import.meta.main) {
  console.log(await buildControlPlane());
  console.log(await buildPrometheus());
}
