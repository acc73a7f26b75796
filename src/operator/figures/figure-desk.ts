/** Asks the pods of the gangs that run, every few seconds, what their steps take. */
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'winston';
import type { Pod } from '../kubernetes/pod.ts';
import { getFromPod } from '../pod-http.ts';
import { extended, type Figures, figuresOf, type History, NO_HISTORY } from './figures.ts';
import { parsePrometheusText } from './prometheus-text.ts';
import { type RankFigures, rankFigures } from './rank-figures.ts';

const ROUND_SECONDS = 15;
/** Gangs at a time, and pods of each at a time. */
const CONCURRENCY = 8;
/** A gang that says nothing is asked in every second round, then in every fourth, at last in every 16th. */
const MOST_ROUNDS_LEFT_OUT = 16;

/** All pods of a job that run together. */
export interface RunningGang {
  /** `NAMESPACE/NAME` of the job. */
  readonly key: string;
  /** By node rank. */
  readonly pods: readonly Pod[];
  readonly port: number;
  /** Over how long figures are the mean. */
  readonly windowSeconds: number;
  /** Of its plan's pipeline: a pod that speaks of more is not believed. */
  readonly stages: number;
}

export interface FigureDeskOptions {
  readonly gangs: () => readonly RunningGang[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called with the key of a job of which there are new figures. */
  readonly onFigures: (key: string) => void;
  readonly log: Logger;
}

interface Entry {
  /** UIDs of the pods: others have done other steps. */
  readonly of: string;
  readonly history: History;
  /** Times in a row that nothing was said. */
  readonly misses: number;
  /** The round in which the gang is asked next. */
  readonly nextRound: number;
}

export class FigureDesk {
  readonly #options: FigureDeskOptions;
  readonly #entries = new Map<string, Entry>();
  #round = 0;

  constructor(options: FigureDeskOptions) {
    this.#options = options;
  }

  /** What these pods of the job have said, while they run. */
  of(key: string, pods: readonly Pod[]): Figures | undefined {
    const entry = this.#entries.get(key);
    return entry?.of === identityOf(pods) ? figuresOf(entry.history) : undefined;
  }

  /** Asks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.ask(signal);
      await setTimeout(ROUND_SECONDS * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One round. Never rejects: pods that do not answer are nothing unusual. */
  async ask(signal: AbortSignal): Promise<void> {
    const round = this.#round++;
    const gangs = this.#options.gangs();
    const running = new Map(gangs.map((gang) => [gang.key, entryOf(gang, this.#entries.get(gang.key))]));
    this.#entries.clear();
    for (const [key, entry] of running) this.#entries.set(key, entry);
    const due = gangs.filter(({ key }) => (this.#entries.get(key)?.nextRound ?? 0) <= round);
    await Readable.from(due).forEach((gang: RunningGang) => this.#askGang(gang, round, signal), {
      concurrency: CONCURRENCY,
    });
  }

  async #askGang(gang: RunningGang, round: number, signal: AbortSignal): Promise<void> {
    const ranks = (await this.#ranksOf(gang, signal)).filter(({ stage }) => stage < gang.stages);
    const entry = this.#entries.get(gang.key);
    if (entry === undefined || signal.aborted) return;
    if (ranks.length === 0) {
      const misses = entry.misses + 1;
      const nextRound = round + Math.min(2 ** misses, MOST_ROUNDS_LEFT_OUT);
      this.#entries.set(gang.key, { ...entry, misses, nextRound });
      return;
    }
    const { windowSeconds } = gang;
    const history = extended(entry.history, ranks, { at: this.#options.now(), windowSeconds });
    this.#entries.set(gang.key, { ...entry, history, misses: 0 });
    if (figuresOf(history) !== undefined) this.#options.onFigures(gang.key);
  }

  /** Where the first pod says nothing, the others are not asked: few jobs serve figures in some of their pods alone. */
  async #ranksOf({ pods: [first, ...others], port }: RunningGang, signal: AbortSignal): Promise<RankFigures[]> {
    if (first === undefined) return [];
    const ranks = await this.#ranksIn(first, port, signal);
    if (ranks.length === 0) return [];
    const ask = async (pod: Pod) => {
      ranks.push(...(await this.#ranksIn(pod, port, signal)));
    };
    await Readable.from(others).forEach(ask, { concurrency: CONCURRENCY });
    return ranks;
  }

  async #ranksIn(pod: Pod, port: number, signal: AbortSignal): Promise<RankFigures[]> {
    try {
      const { status, body } = await getFromPod(pod, { port, path: '/metrics' }, signal);
      return status === 200 ? rankFigures(parsePrometheusText(body)) : [];
    } catch (error) {
      this.#options.log.debug('a pod gives no figures', { pod: pod.metadata.name, error: String(error) });
      return [];
    }
  }
}

function entryOf({ pods }: RunningGang, before: Entry | undefined): Entry {
  const of = identityOf(pods);
  return before?.of === of ? before : { of, history: NO_HISTORY, misses: 0, nextRound: 0 };
}

function identityOf(pods: readonly Pod[]): string {
  return pods.map(({ metadata }) => metadata.uid).join(' ');
}
