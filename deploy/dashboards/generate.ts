/** Writes the dashboards as Grafana reads them; part of `npm run generate`. */
import { writeOrCheck } from '../../src/api/write-generated.ts';
import { dashboardFiles } from './files.ts';

await writeOrCheck(dashboardFiles());
