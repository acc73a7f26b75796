import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string; // our own package.json
};

/** The version of this package. */
export const PACKAGE_VERSION = manifest.version;
