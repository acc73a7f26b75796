import { parseTrainingJob } from '../../src/api/parse.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { waitFor } from '../cluster/wait-for.ts';

/** Returns a function that prints the conditions of a job as they change, until the one of a type is true. */
export function followConditions(cluster: Cluster, job: string, signal: AbortSignal): (type: string) => Promise<void> {
  const printed = new Set<string>();
  return async (type) => {
    const reached = async (): Promise<boolean> => {
      const text = await cluster.kubectl(['get', 'trainingjob', job, '-o', 'json']);
      const conditions = parseTrainingJob(JSON.parse(text)).status?.conditions ?? [];
      for (const { type: name, status, reason, message } of conditions) {
        const line = `  ${name}=${status} ${reason}: ${message}`;
        if (!printed.has(line)) console.log(line);
        printed.add(line);
      }
      return conditions.some((condition) => condition.type === type && condition.status === 'True');
    };
    await waitFor(reached, { describe: `job ${job} to be ${type}`, signal });
  };
}
