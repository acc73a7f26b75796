/** A real Chromium, which comes with the npm packages, as do the libraries that it needs; where it cannot run, the system's. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const SYSTEM_CHROMIUM = '/usr/bin/chromium';

export interface OpenBrowser extends AsyncDisposable {
  readonly browser: Browser;
}

/**
 * @throws where no Chromium can be started, saying why
 */
export async function openBrowser(): Promise<OpenBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'uniap-chromium-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const browser = await launch(await unpack(folder)).catch(() => launch({ executablePath: SYSTEM_CHROMIUM }));
    return {
      browser,
      [Symbol.asyncDispose]: async () => {
        await browser.close();
        await dispose();
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Program {
  readonly executablePath: string;
  /** Where its libraries are, if not the system's. */
  readonly libraries?: string;
}

/** Of the package: libraries that a machine without a desktop lacks (NSS, Expat). */
const LIBRARIES = '../bin/al2023.tar.br';

/** The package unpacks into the folder for temporary files: one of its own, so that a half-unpacked one is never used. */
async function unpack(folder: string): Promise<Program> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    const { default: packaged, inflate } = await import('@sparticuz/chromium');
    const archive = new URL(LIBRARIES, import.meta.resolve('@sparticuz/chromium'));
    const executablePath = await packaged.executablePath();
    return { executablePath, libraries: join(await inflate(fileURLToPath(archive)), 'lib') };
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

/** Tests run as root where containers do, and there Chromium has no sandbox. */
async function launch({ executablePath, libraries }: Program): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--font-render-hinting=none'],
    ...(libraries !== undefined && { env: { ...process.env, LD_LIBRARY_PATH: libraries } }),
  });
}
