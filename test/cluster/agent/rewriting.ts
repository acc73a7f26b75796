/** Paths inside a container, as they are outside: processes that share one file system cannot mount at equal paths. */
import { join } from 'node:path';

/** Where what a container sees at a path really is. */
export interface Mount {
  readonly inside: string;
  readonly outside: string;
}

/** Returns a function that replaces, in a text, each path of a mount and below it. The longest mount counts. */
export function rewriting(mounts: readonly Mount[]): (text: string) => string {
  const byPath = new Map(mounts.map(({ inside, outside }) => [join(inside, '.').replace(/\/$/, ''), outside]));
  if (byPath.size === 0) return (text) => text;
  const paths = [...byPath.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((path) => path.replace(/[^\w/-]/g, '\\$&'));
  // Not within a longer name: /data is in --data=/data/x and in /data:/more, not in /mydata or /data2.
  const pattern = new RegExp(`(?<![\\w./-])(?:${paths.join('|')})(?![\\w.-])`, 'g');
  return (text) => text.replace(pattern, (path) => byPath.get(path) ?? path);
}
