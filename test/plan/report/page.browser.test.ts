/** Reports as a reader sees them: in a real Chromium, light and dark, wide and narrow, on screen and on paper. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { reportPage } from '../../../src/plan/report/page.ts';
import { timelineOf } from '../../../src/plan/report/timeline/timeline.ts';
import { type OpenBrowser, openBrowser } from './chromium.ts';
import { aSubject, BERT, EXPLANATION, GPT_3 } from './subjects.ts';

/** To look at the pages: REPORT_SCREENSHOTS=/some/folder npx ava test/plan/report/page.browser.test.ts */
const SCREENSHOTS = process.env.REPORT_SCREENSHOTS;

const opened: { browser?: OpenBrowser; folder?: string } = {};

test.before(async () => {
  opened.browser = await openBrowser();
  opened.folder = await mkdtemp(join(tmpdir(), 'uniap-report-'));
  if (SCREENSHOTS !== undefined) await mkdir(SCREENSHOTS, { recursive: true });
});

test.after.always(async () => {
  await opened.browser?.[Symbol.asyncDispose]();
  if (opened.folder !== undefined) await rm(opened.folder, { recursive: true, force: true });
});

const INTERLEAVED = { ...BERT, plan: { schedule: 'Interleaved1F1B', virtualStages: 2 } } as const;
const ONE_STAGE = { ...BERT, stages: 1, microBatches: 1, strategy: { shards: 8 } } as const;
const SUBJECTS = {
  'two stages': aSubject(BERT, { explanation: EXPLANATION }),
  'one stage': aSubject(ONE_STAGE),
  interleaved: aSubject(INTERLEAVED),
  deep: aSubject(GPT_3),
} as const;

type Name = keyof typeof SUBJECTS;
const NAMES = Object.keys(SUBJECTS) as Name[]; // the keys of a constant

interface Screen {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
}

const WIDE: Screen = { colorScheme: 'light', width: 1280 };

const SCREENS: readonly Screen[] = [
  WIDE,
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'dark', width: 390 },
];

/** Opens markup in a tab of its own, and holds it to asking for nothing else. */
async function openPage(t: ExecutionContext, markup: string, { colorScheme, width }: Screen): Promise<Page> {
  const { browser, folder } = opened;
  if (browser === undefined || folder === undefined) throw new Error('there is no browser');
  const file = join(folder, `${randomUUID()}.html`);
  await writeFile(file, markup);
  const page = await browser.browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  t.teardown(() => page.close());
  const url = pathToFileURL(file).href;
  page.on('request', (request) => {
    t.is(request.url(), url);
  });
  await page.goto(url);
  return page;
}

/** Opens a report, and holds it to complaining of nothing. */
async function open(t: ExecutionContext, name: Name, screen: Screen): Promise<Page> {
  const page = await openPage(t, reportPage(SUBJECTS[name]), screen);
  // What was said while the page was loading is kept.
  t.deepEqual(
    (await page.consoleMessages()).map((message) => message.text()),
    [],
  );
  t.deepEqual(await page.pageErrors(), []);
  return page;
}

interface Mark {
  /** `stage 0: forward pass of micro-batch 1, …`, as the page says it of a mark that is pointed at. */
  readonly title: string;
  readonly left: number;
  readonly right: number;
}

async function marksOf(page: Page): Promise<readonly Mark[]> {
  return page.evaluate<readonly Mark[]>(`
    [...document.querySelector('#timeline figure').querySelectorAll('path[data-item]')].map((path) => {
      const { left, right } = path.getBoundingClientRect();
      return { title: path.querySelector('title').textContent, left, right };
    })`);
}

for (const name of NAMES) {
  for (const screen of SCREENS) {
    test(`${name}, ${screen.colorScheme}, ${screen.width} wide`, async (t) => {
      const page = await open(t, name, screen);
      // Drawings and tables scroll by themselves; the page does not.
      t.is(await page.evaluate('document.documentElement.scrollWidth'), screen.width);
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      t.is(background, screen.colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(15, 20, 26)');
      t.true((await page.locator('figure').count()) >= 5);
      t.is(await page.locator('.drawing:not([aria-label])').count(), 0);
      if (SCREENSHOTS !== undefined) {
        const file = `${name} ${screen.colorScheme} ${screen.width}.png`;
        await page.screenshot({ path: join(SCREENSHOTS, file), fullPage: true });
      }
    });
  }
}

test('the timeline is to scale: every pass stands where the times say', async (t) => {
  for (const name of ['two stages', 'one stage', 'interleaved'] as const) {
    const page = await open(t, name, WIDE);
    const { plan, price } = SUBJECTS[name];
    const timeline = timelineOf(plan, price);
    const marks = await marksOf(page);
    t.is(marks.length, timeline.spans.length, name);
    const left = Math.min(...marks.map((mark) => mark.left));
    const pixels = (Math.max(...marks.map((mark) => mark.right)) - left) / timeline.stepSeconds;
    for (const kind of ['forward', 'backward', 'transfer', 'reduction', 'optimizer'] as const) {
      for (const stage of plan.stages.keys()) {
        const drawn = marks.filter(({ title }) => title.startsWith(`stage ${stage}: `) && title.includes(kind));
        const spans = timeline.spans.filter((span) => span.stage === stage && span.kind === kind);
        const inOrder = drawn.toSorted((one, other) => one.left - other.left);
        t.is(drawn.length, spans.length, `${name}: ${kind} in stage ${stage}`);
        spans
          .toSorted((one, other) => one.start - other.start)
          .forEach(({ start, end }, index) => {
            const mark = inOrder[index];
            // A drawing has a tenth of its unit, and borders of one.
            t.true(Math.abs((mark?.left ?? NaN) - left - start * pixels) < 1.5, `${kind} begins at ${start}`);
            t.true(Math.abs((mark?.right ?? NaN) - left - end * pixels) < 1.5, `${kind} ends at ${end}`);
          });
      }
    }
  }
});

test('a colour is not all that tells things apart: each drawing has words and a table', async (t) => {
  const page = await open(t, 'two stages', WIDE);
  for (const section of await page.locator('section').all()) {
    t.true((await section.locator('h2').count()) === 1);
    t.true((await section.locator('table').count()) >= 1);
  }
  const labels = await page.evaluate<string[]>(
    `[...document.querySelectorAll('.drawing')].map((each) => each.getAttribute('aria-label') ?? '')`,
  );
  t.true(labels.every((label) => label.length > 20));
});

test('on paper nothing is cut off or folded up', async (t) => {
  const page = await open(t, 'deep', { colorScheme: 'dark', width: 1280 });
  await page.emulateMedia({ media: 'print' });
  t.is(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
  t.true(await page.locator('details:not([open]) table').first().isVisible());
  t.false(await page.locator('nav').isVisible());
});

test('no script runs, whoever puts it there', async (t) => {
  const script = '<main><script>document.title = "ran"</script>';
  const page = await openPage(t, reportPage(aSubject(BERT)).replace('<main>', script), WIDE);
  t.not(await page.title(), 'ran');
});
