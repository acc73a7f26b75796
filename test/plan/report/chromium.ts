/** A real Chromium, which comes with the npm packages; where that cannot run, the one that the system has. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const browser = await launch(await unpack(folder)).catch(() => launch(SYSTEM_CHROMIUM));
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

/** The package unpacks into the folder for temporary files: one of its own, so that a half-unpacked one is never used. */
async function unpack(folder: string): Promise<string> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    return await packaged.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

/** Tests run as root where containers do, and there Chromium has no sandbox. */
async function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--font-render-hinting=none'] });
}
