/** Each query of each dashboard, by a real Prometheus, of a job that really trains. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startAgent } from '../cluster/agent/agent.ts';
import { cpuNodes } from '../cluster/agent/node.ts';
import { runtimeImage } from '../cluster/agent/runtime.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { type Sample, startPrometheus } from '../cluster/prometheus.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { scraping } from '../end-to-end/scraping.ts';
import { NODE_LABEL, operatorForTests, Site } from '../operator/harness.ts';
import { readRules, rulesText } from './rules.ts';

const FOLDER = 'deploy/components/monitoring/dashboards';
const NAME = 'dashboards';
/** The ranks import PyTorch, on a machine that may be busy with other tests. */
const PATIENCE = { timeout: 300_000 };

const cluster = await sharedCluster();
const { namespace, operator } = await operatorForTests(test, cluster);

/** Two stages of two ranks each, so that there is both to wait for: another stage, and others of the stage. */
const JOB = {
  model: {
    config: {
      model_type: 'llama',
      vocab_size: 256,
      hidden_size: 64,
      intermediate_size: 128,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      max_position_embeddings: 32,
    },
  },
  training: { globalBatchSize: 8, sequenceLength: 32, precision: 'FP32' as const },
  resources: { gpus: 4 },
  planning: { profile: 'Never' as const, pipelineDegree: 2 },
  template: { image: 'uniap-runtime', command: ['uniap-runtime', 'train'], args: ['--steps=1000000'] },
};

/** What the test reads of a dashboard. */
interface Dashboard {
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

async function readDashboards(): Promise<readonly Dashboard[]> {
  const files = await readdir(FOLDER);
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as Dashboard));
}

/** The query as Grafana sends it, with what is chosen at the top of the dashboard. */
function filledIn(expression: string): string {
  return expression.replaceAll('$namespace', namespace).replaceAll('$job', NAME).replaceAll('$__rate_interval', '15s');
}

/** What offers the values of a variable: its series by the label. */
function offers(query: string): string | undefined {
  const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
  return series && label && `count by (${label}) (${series})`;
}

test('no query is empty', async (t) => {
  t.timeout(900_000);
  const rules = await mkdtemp(join(tmpdir(), 'uniap-rules-'));
  t.teardown(() => rm(rules, { recursive: true }));
  await writeFile(join(rules, 'rules.yaml'), await rulesText());
  const { host } = new URL(operator.metricsUrl);
  const prometheus = await startPrometheus({
    ...scraping({ operator: host, kubeconfig: cluster.kubeconfig }),
    rule_files: [join(rules, 'rules.yaml')],
  });
  t.teardown(prometheus.stop);
  const isFull = async (expression: string): Promise<readonly Sample[] | false> => {
    const samples = await prometheus.query(filledIn(expression));
    return samples.some(({ value }) => Number.isFinite(value)) && samples;
  };
  // What counts searches must have been seen at 0, or the only one is no increase.
  const counter = 'sum by (outcome) (uniap_solver_duration_seconds_count)';
  await waitFor(() => isFull(counter), { describe: `Prometheus to read the operator's ${counter}`, ...PATIENCE });

  const site = await Site.open(t, cluster, { namespace, name: NAME, nodes: 0 });
  const labels = { [NODE_LABEL]: `${namespace}.${NAME}` };
  const nodes = cpuNodes({ count: 2, prefix: namespace, gpus: 2, labels });
  const agent = await startAgent(cluster, { nodes, environment: runtimeImage });
  t.teardown(agent.stop);
  await site.submit(JOB);
  await site.waitFor('figures', ({ status }) => status?.actual !== undefined, PATIENCE.timeout);

  for (const { title: dashboard, panels, templating } of await readDashboards()) {
    const ofVariables = templating.list.map(({ name, query }) => [`choice of ${name}`, offers(query)] as const);
    const ofPanels = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));
    for (const [title, expression] of [...ofVariables, ...ofPanels]) {
      if (expression === undefined) continue; // the choice of the data source
      const describe = `${dashboard}, ${title}: ${filledIn(expression)}`;
      const [sample] = await waitFor(() => isFull(expression), { describe, ...PATIENCE });
      t.log(describe, '=', sample?.value);
    }
  }

  const answer = (await (await fetch(`${prometheus.url}/api/v1/rules`)).json()) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly { readonly health: string }[] }[] };
  };
  const health = answer.data.groups.flatMap(({ rules: each }) => each.map((rule) => rule.health));
  const { groups } = await readRules();
  t.deepEqual(
    health,
    groups.flatMap(({ rules: each }) => each).map(() => 'ok'),
  );
});
