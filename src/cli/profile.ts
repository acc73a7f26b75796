import { Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { UserError } from '../api/errors.ts';
import { findDevice } from '../profile/find-device.ts';
import { importGalvatron } from '../profile/measured/import/galvatron.ts';
import { importPiper } from '../profile/measured/import/piper.ts';
import type { SourceFile } from '../profile/measured/import/source-file.ts';
import type { HardwareProfile } from '../api/hardware-profile.ts';
import type { ModelProfile } from '../api/model-profile.ts';
import { planFromFiles } from './planned-job.ts';
import { readText } from './text-files.ts';

const TOOLS = ['galvatron', 'piper'] as const;

export interface ImportSettings {
  readonly from: (typeof TOOLS)[number];
  readonly device?: string;
  readonly sequenceLength?: number;
  readonly samples?: number;
}

/** `uniap profile`: measure by hand, and other tools' measurements as ours. */
export function profileCommand(): Command {
  return new Command('profile')
    .description('Work with measured profiles')
    .addCommand(runCommand())
    .addCommand(importCommand());
}

function runCommand(): Command {
  return new Command('run')
    .description(
      'Have pods measure a job on the nodes that it would get, and print ModelProfile and HardwareProfile, in YAML',
    )
    .argument('<job>', 'file with a TrainingJob whose container runs uniap-runtime')
    .option('--config <file>', 'config.json in place of the ConfigMap that the job names')
    .option('-n, --namespace <name>', "namespace of the pods; default: the job's")
    .action(async (file: string, { config, namespace }: { readonly config?: string; readonly namespace?: string }) => {
      const planned = await planFromFiles(file, config === undefined ? {} : { config });
      const { job } = planned;
      const metadata = { ...job.metadata, ...(namespace !== undefined && { namespace }) };
      // The client library is large: the other commands do not wait for it.
      const [{ liveClient }, { runProfile }] = await Promise.all([
        import('./live-cluster.ts'),
        import('./profile-run.ts'),
      ]);
      const report = (line: string) => process.stderr.write(`${line}\n`);
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM']) {
        process.once(signal, () => {
          stop.abort(new UserError({ problem: 'interrupted: nothing was measured' }));
        });
      }
      const run = { client: liveClient(), planned: { ...planned, job: { ...job, metadata } }, report };
      print(await runProfile({ ...run, signal: stop.signal }));
    });
}

function print(profiles: readonly object[]): void {
  process.stdout.write(profiles.map((profile) => stringify(profile, { lineWidth: 120 })).join('---\n'));
}

function importCommand(): Command {
  return new Command('import')
    .description("Print another tool's profiles as ModelProfile and HardwareProfile, in YAML")
    .argument('<files...>', 'files that the tool wrote')
    .addOption(new Option('--from <tool>', 'the tool').choices(TOOLS).makeOptionMandatory())
    .option('--device <name>', "device measured, by the catalogue's name", knownDevice)
    .option('--sequence-length <tokens>', 'of the samples measured, where the files do not say', wholeNumber)
    .option('--samples <count>', 'sequences in a micro-batch (piper)', wholeNumber)
    .action(async (files: string[], settings: ImportSettings) => {
      const sources = await Promise.all(
        files.map(async (file) => ({ file, text: await readText(file, 'the profile') })),
      );
      print(importProfiles(sources, settings));
    });
}

/** @throws UserError where a file is not one of the tool's */
export function importProfiles(
  sources: readonly SourceFile[],
  { from, ...options }: ImportSettings,
): readonly (ModelProfile | HardwareProfile)[] {
  if (from === 'piper') return sources.map((source) => importPiper(source, options));
  if (options.samples !== undefined) {
    throw new UserError({ problem: "--samples is not used: Hetu-Galvatron's files say it", remedy: 'leave it out' });
  }
  const { models, hardware } = importGalvatron(sources, options);
  return [...models, ...hardware];
}

function knownDevice(text: string): string {
  return findDevice(text, null).name;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('give a whole number, 1 or more');
  return number;
}
