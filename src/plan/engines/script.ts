/** A shell script that starts an engine's processes on one node. */
import type { EngineFile } from './engine.ts';

/** A flag and its values. */
export type Flag = readonly [flag: string, ...values: (string | number)[]];

interface Launch {
  readonly name: string;
  /** Lines of comment at the top. */
  readonly about: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What torchrun starts: a script, or `-m MODULE`. */
  readonly program: readonly string[];
  readonly flags: readonly Flag[];
  /** What must stand after the arguments that the script is given. */
  readonly subcommands?: readonly string[];
}

/** Stands at the start of a value for the folder of the script. */
export const HERE = '"$(dirname "$0")"';

/** Flags that are given only where something holds. */
export function when(holds: boolean, ...flags: readonly Flag[]): readonly Flag[] {
  return holds ? flags : [];
}

/** A flag for a value that may be absent. */
export function given(flag: string, value: string | number | null | undefined): readonly Flag[] {
  return value === null || value === undefined ? [] : [[flag, value]];
}

/** torchrun learns nodes, ranks and rendezvous from the environment (docs/annotations.md). */
export function script({ name, about, environment = {}, program, flags, subcommands = [] }: Launch): EngineFile {
  const variables = Object.entries(environment).map(([variable, value]) => `export ${variable}=${quote(value)}`);
  const command = [
    ['exec', 'torchrun', ...program].join(' '),
    ...flags.map((flag) => flag.map((word) => quote(String(word))).join(' ')),
    '"$@"',
    ...subcommands,
  ].join(' \\\n  ');
  const lines = ['#!/bin/sh', ...about.map((line) => `# ${line}`), ...variables, command];
  return { name, content: `${lines.join('\n')}\n` };
}

/** A word that the shell takes as it is, but for {@link HERE}. */
function quote(word: string): string {
  if (word.startsWith(HERE) || /^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
