/** The operator as a process of its own, as a pod would run it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '../cluster/wait-for.ts';
import { freePorts } from '../cluster/ports.ts';

export interface OperatorProcess {
  /** `HOST:PORT` at which it serves metrics and reports. */
  readonly metrics: string;
  /** Rejects should the operator end before it is stopped. */
  readonly failed: Promise<never>;
  /** Ends it as a kubelet does, by SIGTERM. */
  stop(): Promise<void>;
}

/** Starts it with a kubeconfig and waits until it leads and its caches are filled. Its log goes to standard error. */
export async function startOperator(kubeconfig: string): Promise<OperatorProcess> {
  const [metricsPort = 0, health = 0] = await freePorts(2);
  const metrics = `127.0.0.1:${metricsPort}`;
  const addresses = ['--metrics-address', metrics, '--health-address', `127.0.0.1:${health}`];
  const flags = ['--leader-election', '--lease-namespace', 'uniap-system', '--log-level', 'warn'];
  const child = spawn(process.execPath, ['src/operator/main.ts', ...addresses, ...flags], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  const failed = ended.then(([code, signal]) => {
    throw new Error(`the operator ended with ${String(code ?? signal)}`);
  });
  failed.catch(() => undefined); // whoever races against it hears of it
  const ready = async () => (await fetch(`http://127.0.0.1:${health}/readyz`)).ok;
  await Promise.race([failed, waitFor(ready, { describe: 'the operator to be ready' })]);
  return {
    metrics,
    failed,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
