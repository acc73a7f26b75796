/** How a job's container is made to measure instead of to train. */
import type { PodTemplate } from '../../api/pod-template.ts';

type Program = Partial<Record<'command' | 'args', string[]>>;

const MEASURE = ['profile', '--serve'];

/** The word by which the runtime is called, with its path, where a word of a shell's begins so or is that. */
const CALL = /(?:^|[\s;&|(])((?:[^\s;&|(]*\/)?uniap-runtime)(?=\s|$)/;

/**
 * The program that measures, for a job whose container runs `uniap-runtime`: only of such an image is it known that it has
 * it. undefined for any other job.
 */
export function profilingProgram({ command, args = [] }: Pick<PodTemplate, 'command' | 'args'>): Program | undefined {
  const runtime = [...(command ?? []), ...args].flatMap((word) => CALL.exec(word)?.[1] ?? []).at(0);
  if (runtime === undefined) return undefined;
  // Without a command it is the image's entry point that calls it.
  return command === undefined ? { args: [runtime, ...MEASURE] } : { command: [runtime, ...MEASURE] };
}
