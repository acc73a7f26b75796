import { Command, InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { UserError } from '../api/errors.ts';
import { findDevice } from '../profile/find-device.ts';
import { importGalvatron } from '../profile/measured/import/galvatron.ts';
import { importPiper } from '../profile/measured/import/piper.ts';
import type { SourceFile } from '../profile/measured/import/source-file.ts';
import type { HardwareProfile } from '../api/hardware-profile.ts';
import type { ModelProfile } from '../api/model-profile.ts';
import { readText } from './text-files.ts';

const TOOLS = ['galvatron', 'piper'] as const;

export interface ImportSettings {
  readonly from: (typeof TOOLS)[number];
  readonly device?: string;
  readonly sequenceLength?: number;
  readonly samples?: number;
}

/** `uniap profile import`: other tools' measurements as ours. */
export function profileCommand(): Command {
  return new Command('profile').description('Work with measured profiles').addCommand(
    new Command('import')
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
        const profiles = importProfiles(sources, settings);
        process.stdout.write(profiles.map((profile) => stringify(profile, { lineWidth: 120 })).join('---\n'));
      }),
  );
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
