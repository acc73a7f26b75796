import { Command } from 'commander';
import { stringify } from 'yaml';
import { buildManifests, UID_BEFORE_CREATION } from '../plan/manifests.ts';
import { namespaceOf } from './job.ts';
import { jobCommand, planFromFiles, type PlanOptions } from './planned-job.ts';

/** `uniap render JOB`: what the operator would create. */
export function renderCommand(): Command {
  return jobCommand('render')
    .description('Plan a job and print the manifests that the operator would create for it')
    .action(async (file: string, options: PlanOptions) => {
      const { job, config, outcome } = await planFromFiles(file, options);
      const { metadata, spec } = job;
      const owner = { name: metadata.name, namespace: namespaceOf(metadata), uid: UID_BEFORE_CREATION, spec };
      const manifests = buildManifests({ job: owner, plan: outcome.plan, revision: 1 }, config);
      process.stdout.write(manifests.map((manifest) => stringify(manifest)).join('---\n'));
    });
}
