/** The operator as a process: who leads, what it serves, how it ends. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Server } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from 'winston';
import { Controller } from './controller.ts';
import { type Routes, serve } from './health-server.ts';
import { KubernetesClient } from './kubernetes/client.ts';
import { LeaderElection } from './leader-election.ts';
import { Metrics } from './metrics.ts';
import { REPORT_PATH, Reports } from './reports/reports.ts';

export const LEASE_NAME = 'uniap-operator';

export interface OperatorOptions {
  readonly config: KubeConfig;
  /** Only jobs of this namespace; undefined for all. */
  readonly namespace?: string | undefined;
  /** `HOST:PORT`, or `:PORT` for all interfaces. */
  readonly metricsAddress: string;
  readonly healthAddress: string;
  /** Whether to wait for the Lease; without it, only one replica may run. */
  readonly leaderElection: boolean;
  /** Default: that of the kubeconfig's context, which in a pod is the pod's own. */
  readonly leaseNamespace?: string | undefined;
  readonly version: string;
  readonly log: Logger;
}

/**
 * Runs until the signal aborts or leadership is lost, and ends cleanly: what is being done is finished, the Lease given up.
 *
 * @returns `lost` where another replica may be leading now.
 */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<'lost' | 'stopped'> {
  const { config, log, version } = options;
  const client = new KubernetesClient(config);
  let controller: Controller | undefined;
  const metrics = new Metrics(
    { version },
    {
      queueDepth: () => controller?.queueDepth ?? 0,
      planningDepth: () => controller?.planningDepth ?? 0,
      jobs: () => controller?.jobs() ?? [],
    },
  );
  await using reports = new Reports({ client, namespace: options.namespace });
  using servers = new DisposableStack();
  const isReady = () => controller === undefined || controller.isSynced;
  await listen(options, { metrics, reports, isReady }, servers);
  const lead = async (leading: AbortSignal) => {
    metrics.leading(true);
    controller = new Controller({
      client,
      namespace: options.namespace,
      log,
      onReconciled: (seconds, result) => {
        metrics.reconciled(seconds, result);
      },
      onSolved: (seconds, outcome) => {
        metrics.solved(seconds, outcome);
      },
    });
    await controller.run(leading);
    controller = undefined;
    metrics.leading(false);
  };
  try {
    if (options.leaderElection) return await elect(options, client, lead, signal);
    await lead(signal);
    return 'stopped';
  } finally {
    log.info('stopped');
  }
}

async function elect(
  { config, leaseNamespace, log }: OperatorOptions,
  client: KubernetesClient,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<'lost' | 'stopped'> {
  const election = new LeaderElection({
    client,
    namespace: leaseNamespace ?? config.getContextObject(config.currentContext)?.namespace ?? 'default',
    name: LEASE_NAME,
    identity: `${hostname()}_${randomUUID()}`,
    log,
  });
  return election.run(lead, signal);
}

interface Served {
  readonly metrics: Metrics;
  readonly reports: Reports;
  readonly isReady: () => boolean;
}

/** Serves health, metrics and reports; `servers` closes what was opened, should the second address be taken. */
async function listen(
  options: OperatorOptions,
  { metrics, reports, isReady }: Served,
  servers: DisposableStack,
): Promise<void> {
  const { log, metricsAddress, healthAddress } = options;
  const text = 'text/plain';
  const health: Routes = {
    '/healthz': () => Promise.resolve({ contentType: text, body: 'ok\n' }),
    // A replica that waits to lead is ready to.
    '/readyz': () =>
      isReady()
        ? Promise.resolve({ contentType: text, body: 'ok\n' })
        : Promise.reject(new Error('reading the cluster')),
  };
  const measurements: Routes = {
    '/metrics': async () => ({ contentType: metrics.contentType, body: await metrics.text() }),
    [REPORT_PATH]: (parameters) => reports.answer(parameters),
  };
  const close = (server: Server) => {
    server.close();
  };
  servers.adopt(await serve(healthAddress, health, log), close);
  servers.adopt(await serve(metricsAddress, measurements, log), close);
}
