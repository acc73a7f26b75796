import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { FigureDesk, type RunningGang } from '../../../src/operator/figures/figure-desk.ts';
import type { Pod } from '../../../src/operator/kubernetes/pod.ts';
import { createLog } from '../../../src/operator/log.ts';
import { aStoredPod } from '../state-builder.ts';

const forever = new AbortController().signal;

/** Two pods with a server each, on loopback addresses of their own. */
async function twoPods(t: ExecutionContext): Promise<TwoPods> {
  const texts = ['', ''];
  const asked = [0, 0];
  const serve = async (pod: number, port: number): Promise<AddressInfo> => {
    const server: Server = createServer((_, response) => {
      asked[pod] = (asked[pod] ?? 0) + 1;
      response.end(texts[pod]);
    });
    await new Promise<void>((resolve) => server.listen(port, `127.0.0.${2 + pod}`, resolve));
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    return server.address() as AddressInfo; // of a server that listens on TCP
  };
  const { port } = await serve(0, 0);
  await serve(1, port);
  const pods = [0, 1].map((rank) => aStoredPod(rank, 'Running', { status: { podIP: `127.0.0.${2 + rank}` } }));
  return { pods, port, asked, say: (pod, text) => (texts[pod] = text) };
}

interface TwoPods {
  readonly pods: readonly Pod[];
  readonly port: number;
  /** Requests so far, by pod. */
  readonly asked: readonly number[];
  readonly say: (pod: number, text: string) => void;
}

function figures(rank: number, { steps, seconds, peak }: Record<'steps' | 'seconds' | 'peak', number>): string {
  const labels = `{stage="${rank}",rank="${rank}"}`;
  return `uniap_runtime_step_seconds_count${labels} ${steps}
uniap_runtime_step_seconds_sum${labels} ${seconds}
uniap_runtime_peak_memory_bytes${labels} ${peak}
`;
}

function aDesk({ pods, port }: TwoPods) {
  const running: RunningGang[] = [{ key: 'research/llama', pods, port, windowSeconds: 60, stages: 2 }];
  const told: string[] = [];
  let now = 0;
  const desk = new FigureDesk({
    gangs: () => running,
    now: () => (now += 15_000),
    onFigures: (key) => told.push(key),
    log: createLog('error'),
  });
  return { desk, running, told };
}

test('figures are of all pods, and are told once there are some', async (t) => {
  const both = await twoPods(t);
  const { desk, told } = aDesk(both);
  both.say(0, figures(0, { steps: 10, seconds: 100, peak: 5 }));
  both.say(1, figures(1, { steps: 10, seconds: 100, peak: 6 }));
  await desk.ask(forever);
  t.is(desk.of('research/llama', both.pods), undefined);
  t.deepEqual(told, []);
  both.say(0, figures(0, { steps: 20, seconds: 120, peak: 7 }));
  await desk.ask(forever);
  t.like(desk.of('research/llama', both.pods), { stepSeconds: 2, steps: 10, spanSeconds: 15 });
  t.deepEqual(
    desk.of('research/llama', both.pods)?.memoryBytes,
    new Map([
      [0, 7],
      [1, 6],
    ]),
  );
  t.deepEqual(told, ['research/llama']);
});

test('a stage that the plan does not have is not believed', async (t) => {
  const both = await twoPods(t);
  const { desk } = aDesk(both);
  both.say(1, figures(7, { steps: 10, seconds: 10, peak: 9 }));
  for (const steps of [10, 20]) {
    both.say(0, figures(0, { steps, seconds: steps, peak: 5 }));
    await desk.ask(forever);
  }
  t.deepEqual(desk.of('research/llama', both.pods)?.memoryBytes, new Map([[0, 5]]));
});

test('figures are of those pods alone that gave them', async (t) => {
  const both = await twoPods(t);
  const { desk, running } = aDesk(both);
  for (const steps of [10, 20]) {
    both.say(0, figures(0, { steps, seconds: steps, peak: 5 }));
    await desk.ask(forever);
  }
  const others = [aStoredPod(0, 'Running', { attempt: 1 })];
  t.truthy(desk.of('research/llama', both.pods));
  t.is(desk.of('research/llama', others), undefined);
  running.pop();
  await desk.ask(forever);
  t.is(desk.of('research/llama', both.pods), undefined, 'a gang that does not run any more');
});

test('pods that serve something else are asked less and less, the first of them alone', async (t) => {
  const both = await twoPods(t);
  const { desk, told } = aDesk(both);
  both.say(0, '<html>not figures</html>');
  for (let round = 0; round < 64; round += 1) await desk.ask(forever);
  t.deepEqual(both.asked, [7, 0], 'in rounds 0, 2, 6, 14, 30, 46 and 62');
  t.deepEqual(told, []);
});

test('pods that cannot be reached do no harm', async (t) => {
  const both = await twoPods(t);
  const { desk } = aDesk({ ...both, pods: [aStoredPod(0, 'Running', { status: { podIP: '127.0.0.4' } })] });
  await t.notThrowsAsync(desk.ask(forever));
});
