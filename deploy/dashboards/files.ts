/** The dashboards as text. */
import { clusterDashboard } from './cluster.ts';
import { jobDashboard } from './job.ts';

const FOLDER = 'deploy/components/monitoring/dashboards';

/** Path from the root of the repository and text of each. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({ cluster: clusterDashboard, job: jobDashboard }).map(([name, dashboard]) => [
      `${FOLDER}/${name}.json`,
      `${JSON.stringify(dashboard, undefined, 2)}\n`,
    ]),
  );
}
