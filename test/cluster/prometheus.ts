import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { buildPrometheus } from './build.ts';
import { startComponent } from './component.ts';
import { freePorts } from './ports.ts';
import { waitFor } from './wait-for.ts';

/** One series of an answer: its labels and its value now. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  readonly url: string;
  /** The samples that an expression of PromQL has now. */
  readonly query: (expression: string) => Promise<readonly Sample[]>;
  /** The only sample of an expression. @throws Error where it has none, or several. */
  readonly one: (expression: string) => Promise<Sample>;
  readonly stop: () => Promise<void>;
}

interface Answer {
  readonly data: {
    readonly result: readonly { readonly metric: Sample['metric']; readonly value: readonly [number, string] }[];
  };
}

/**
 * Starts a Prometheus on a free port of the loopback interface, and waits until it is ready. Builds it first if need be.
 *
 * @param configuration - What its configuration file says, docs: prometheus.io, "Configuration".
 * @throws Error with the end of its log if it does not start.
 */
export async function startPrometheus(configuration: object, signal?: AbortSignal): Promise<Prometheus> {
  const programs = await buildPrometheus(signal);
  const folder = await mkdtemp(join(tmpdir(), 'uniap-prometheus-'));
  const configFile = join(folder, 'prometheus.yaml');
  await writeFile(configFile, stringify(configuration));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const flags = [`--config.file=${configFile}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const component = startComponent({
    name: 'prometheus',
    command: 'setpriv', // it ends with us, however that comes about
    args: [
      '--pdeathsig',
      'KILL',
      '--',
      join(programs, 'prometheus'),
      ...flags,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile: join(folder, 'prometheus.log'),
  });
  const stop = async () => {
    await component.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ready = async () => (await fetch(`${url}/-/ready`)).ok;
    await Promise.race([component.failed, waitFor(ready, { describe: 'Prometheus to be ready', signal })]);
  } catch (error) {
    await stop();
    throw error;
  }
  const query = async (expression: string) => {
    const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression }).toString()}`);
    if (!response.ok) throw new Error(`Prometheus refuses ${expression}: ${await response.text()}`);
    const { data } = (await response.json()) as Answer; // as its HTTP API documents it
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };
  const one = async (expression: string) => {
    const [sample, ...others] = await query(expression);
    if (sample === undefined || others.length > 0) {
      throw new Error(`${expression} has ${sample === undefined ? 'no' : 'several'} samples`);
    }
    return sample;
  };
  return { url, query, one, stop };
}
