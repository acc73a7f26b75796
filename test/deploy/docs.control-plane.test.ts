/** The helm and kubectl commands of the pages on installing and monitoring, run in their order as they stand there. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { waitFor } from '../cluster/wait-for.ts';
import { startFreshCluster } from './fresh-cluster.ts';

const cluster = await startFreshCluster();

/** A checkout, where a reader would be. */
const folder = await mkdtemp(join(tmpdir(), 'uniap-docs-'));
for (const part of ['charts', 'crds', 'deploy']) await cp(part, join(folder, part), { recursive: true });

test.after.always(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true });
});

type Block =
  { readonly kind: 'commands'; readonly lines: readonly string[] } | { readonly kind: 'file'; readonly text: string };

/** In order, what the page has its reader run (`console`), and the files that it has him write (YAML with a name on top). */
function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(console|yaml)\n(.*?)^```$/gms)].map(([, language, text = '']) =>
    language === 'yaml'
      ? { kind: 'file', text }
      : {
          kind: 'commands',
          lines: text
            .replaceAll(/\\\n\s*/g, '')
            .trim()
            .split('\n'),
        },
  );
}

async function write(text: string): Promise<void> {
  const [, name] = /^# (\S+\.yaml)\n/.exec(text) ?? [];
  if (name === undefined) throw new Error(`a file without a name: ${text}`);
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

async function run(command: string): Promise<string> {
  const env = {
    ...process.env,
    PATH: [cluster.programs, process.env.PATH].join(delimiter),
    KUBECONFIG: cluster.kubeconfig,
  };
  const running = promisify(execFile)('bash', ['-c', command], { cwd: folder, env, maxBuffer: 2 ** 24 });
  if (command.startsWith('helm test')) await letTestSucceed();
  return (await running).stdout;
}

/** No container runs here: kwok ends the pod well. */
async function letTestSucceed(): Promise<void> {
  const pod = ['pod/uniap-operator-test', '--namespace=uniap-system', 'test.uniap.dev/outcome=Succeeded'];
  await waitFor(() => cluster.kubectl(['annotate', ...pod]), { describe: 'the pod of helm test' });
}

for (const page of ['docs/install.md', 'docs/monitoring.md']) {
  test.serial(`${page}: its commands succeed one after another`, async (t) => {
    t.timeout(600_000);
    const blocks = blocksOf(await readFile(page, 'utf8'));
    t.true(blocks.length > 0);
    for (const block of blocks) {
      if (block.kind === 'file') await write(block.text);
      else for (const line of block.lines) t.log(`$ ${line}\n${(await run(line)).slice(0, 2000)}`);
    }
  });
}
