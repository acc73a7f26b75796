#!/usr/bin/env node
/** The operator's entry: `node src/operator/main.ts --help`. */
import { KubeConfig } from '@kubernetes/client-node';
import { Command, Option } from 'commander';
import { UserError } from '../api/errors.ts';
import { PACKAGE_VERSION } from '../api/version.ts';
import { createLog, LOG_LEVELS, type LogLevel } from './log.ts';
import { runOperator } from './operator.ts';

/** A pod is given 30 seconds to end (terminationGracePeriodSeconds); what is not done by then must not hold it up. */
const STOP_TIMEOUT_MS = 25_000;

interface Options {
  readonly namespace?: string;
  readonly metricsAddress: string;
  readonly healthAddress: string;
  readonly leaderElection: boolean;
  readonly leaseNamespace?: string;
  readonly logLevel: LogLevel;
}

const program = new Command('uniap-operator')
  .description('Plans and runs TrainingJobs. Reaches the cluster by KUBECONFIG, ~/.kube/config or its service account.')
  .version(PACKAGE_VERSION)
  .addOption(
    new Option('--namespace <name>', 'deal with jobs of this namespace only; default: all').env('UNIAP_NAMESPACE'),
  )
  .addOption(
    new Option('--metrics-address <host:port>', 'where /metrics and the pages about jobs are served')
      .default(':8080')
      .env('UNIAP_METRICS_ADDRESS'),
  )
  .addOption(
    new Option('--health-address <host:port>', 'where /healthz and /readyz are served')
      .default(':8081')
      .env('UNIAP_HEALTH_ADDRESS'),
  )
  .addOption(
    new Option('--leader-election', 'wait for a Lease, so that of several replicas one works')
      .default(false)
      .env('UNIAP_LEADER_ELECTION'),
  )
  .addOption(
    new Option('--lease-namespace <name>', "namespace of the Lease; default: the kubeconfig's or the pod's own").env(
      'POD_NAMESPACE',
    ),
  )
  .addOption(
    new Option('--log-level <level>', 'least severity that is logged')
      .choices(LOG_LEVELS)
      .default('info')
      .env('UNIAP_LOG_LEVEL'),
  )
  .parse();

const options = program.opts<Options>();
const log = createLog(options.logLevel);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info('stopping', { signal });
    stop.abort();
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  });
}

try {
  const config = new KubeConfig();
  config.loadFromDefault();
  const end = await runOperator({ ...options, config, version: PACKAGE_VERSION, log }, stop.signal);
  if (end === 'lost') process.exit(1); // requests under way must not meet another leader's
} catch (error) {
  log.error('the operator failed', { error: describe(error) });
  process.exitCode = 1;
}

/** What an administrator can mend needs no stack trace. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof UserError || 'code' in error ? error.message : (error.stack ?? error.message);
}
