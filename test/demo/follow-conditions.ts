import { parseTrainingJob } from '../../src/api/parse.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { waitFor } from '../cluster/wait-for.ts';

/** To measure, to plan and to start, on a machine that may be busy with other things. */
const TIMEOUT_MS = 900_000;

/** Returns a function that prints the conditions of a job as their reasons change, until the one of a type is true. */
export function followConditions(cluster: Cluster, job: string, signal: AbortSignal): (type: string) => Promise<void> {
  const printed = new Set<string>();
  return async (type) => {
    const reached = async (): Promise<boolean> => {
      const text = await cluster.kubectl(['get', 'trainingjob', job, '-o', 'json']);
      const conditions = parseTrainingJob(JSON.parse(text)).status?.conditions ?? [];
      for (const { type: name, status, reason, message } of conditions) {
        const change = `${name}=${status} ${reason}`;
        if (!printed.has(change)) console.log(`  ${change}: ${message}`);
        printed.add(change);
      }
      return conditions.some((condition) => condition.type === type && condition.status === 'True');
    };
    await waitFor(reached, { describe: `job ${job} to be ${type}`, timeout: TIMEOUT_MS, signal });
  };
}
