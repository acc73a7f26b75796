/** The definitions of ServiceMonitor, PodMonitor and PrometheusRule, as the Prometheus operator installs them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Cluster } from '../cluster/cluster.ts';

/** Apache-2.0. The definitions are in its folder `example`. */
const MODULE = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
const KINDS = ['servicemonitors', 'podmonitors', 'prometheusrules'];

export async function installPrometheusDefinitions(cluster: Cluster): Promise<void> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', MODULE]);
  const { Dir: folder } = JSON.parse(stdout) as { readonly Dir: string };
  const files = KINDS.map(
    (kind) => `--filename=${join(folder, 'example/prometheus-operator-crd', `monitoring.coreos.com_${kind}.yaml`)}`,
  );
  await cluster.kubectl(['apply', '--server-side', ...files]);
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
}
