/** Writes the dashboards and the chart's README; part of `npm run generate`. */
import { writeOrCheck } from '../src/api/write-generated.ts';
import { chartReadme } from './chart-readme.ts';
import { dashboardFiles } from './dashboards/files.ts';

await writeOrCheck(new Map([...dashboardFiles(), ['charts/uniap-operator/README.md', await chartReadme()]]));
