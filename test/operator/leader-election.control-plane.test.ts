import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { createLogger, transports } from 'winston';
import { KubernetesClient } from '../../src/operator/kubernetes/client.ts';
import type { StoredObject } from '../../src/operator/kubernetes/objects.ts';
import { RESOURCE, type Resource } from '../../src/operator/kubernetes/resources.ts';
import { LeaderElection } from '../../src/operator/leader-election.ts';
import { sharedCluster } from '../cluster/cluster.ts';
import { testNamespace } from '../cluster/namespace.ts';
import { waitFor } from '../cluster/wait-for.ts';
import { install, OPERATOR_NAMESPACE, type RunningOperator, Site, startOperator } from './harness.ts';

const cluster = await sharedCluster();
const client = new KubernetesClient(cluster.config);
const silent = createLogger({ transports: [new transports.Console({ silent: true })] });
const TIMES = { lease: 3, renew: 2, retry: 0.2 };

/** Replicas that contend for one Lease, and a record of who led. */
async function aContest(t: ExecutionContext) {
  const namespace = await testNamespace(t, cluster);
  const leading = new Set<string>();
  const join = (identity: string, through: KubernetesClient = client) => {
    const stop = new AbortController();
    t.teardown(() => {
      stop.abort();
    });
    const election = new LeaderElection({
      client: through,
      namespace,
      name: 'contest',
      identity,
      times: TIMES,
      log: silent,
    });
    const ended = election.run(async (signal) => {
      leading.add(identity);
      t.is(leading.size, 1, 'two never lead at once');
      await aborted(signal);
      leading.delete(identity);
    }, stop.signal);
    return { stop, ended };
  };
  const lease = async () => client.get(RESOURCE.lease, 'contest', namespace);
  const leads = async (identity: string) => {
    await waitFor(() => leading.has(identity), { describe: `${identity} to lead` });
  };
  return { join, lease, leading, leads };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

test('one of two leads, and the other takes over at once when the first stops', async (t) => {
  const { join, lease, leads } = await aContest(t);
  const first = join('first');
  await leads('first');
  const second = join('second');
  first.stop.abort();
  t.is(await first.ended, 'stopped');
  await leads('second');
  t.like((await lease())?.spec, { holderIdentity: 'second', leaseTransitions: 1, leaseDurationSeconds: 3 });
  second.stop.abort();
  t.is(await second.ended, 'stopped');
  t.is((await lease())?.spec?.holderIdentity, '');
});

test('a leader whose Lease is taken stops working', async (t) => {
  const { join, lease, leading, leads } = await aContest(t);
  const { ended } = join('first');
  await leads('first');
  await waitFor(
    async () => {
      const present = await lease();
      if (present === undefined) return false;
      await client.replace(Object.assign({}, present, { spec: { ...present.spec, holderIdentity: 'usurper' } }));
      return true;
    },
    { describe: 'the Lease to be taken between two renewals' },
  );
  t.is(await ended, 'lost');
  t.is(leading.size, 0);
  t.is((await lease())?.spec?.holderIdentity, 'usurper');
});

test('a leader that cannot reach the API server stops before another may lead', async (t) => {
  const { join, leading, leads } = await aContest(t);
  const cut = new CutOff();
  const { ended } = join('first', cut);
  await leads('first');
  cut.isCut = true;
  const second = join('second');
  t.is(await ended, 'lost');
  await leads('second');
  t.deepEqual([...leading], ['second']);
  second.stop.abort();
  await second.ended;
});

/** A client whose network can be cut. */
class CutOff extends KubernetesClient {
  isCut = false;

  constructor() {
    super(cluster.config);
  }

  override async get<T extends StoredObject>(resource: Resource<T>, name: string, inNamespace?: string) {
    if (this.isCut) return new Promise<never>(() => undefined); // as a lost connection: no answer, no error
    return super.get(resource, name, inNamespace);
  }
}

test('of two operators one works, and when it is killed the other goes on with its jobs', async (t) => {
  await install(cluster);
  const namespace = `leader-${randomBytes(3).toString('hex')}`;
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);
  const flags = ['--leader-election', `--lease-namespace=${OPERATOR_NAMESPACE}`];
  const start = async (): Promise<RunningOperator> => {
    const operator = await startOperator(cluster, { namespace, flags });
    t.teardown(() => operator.stop());
    return operator;
  };
  const isLeader = async ({ metricsUrl }: RunningOperator) =>
    (await (await fetch(metricsUrl)).text()).includes('uniap_leader 1');
  const leads = async (operator: RunningOperator) => {
    await waitFor(() => isLeader(operator), { describe: 'an operator to lead', timeout: 90_000 });
  };

  const first = await start();
  await leads(first);
  const second = await start();
  await waitFor(async () => (await fetch(`${second.healthUrl}/readyz`)).ok, { describe: 'the second to be ready' });
  t.false(await isLeader(second));
  const site = await Site.open(t, cluster, { namespace, name: 'inherited', nodes: 2 });
  await site.submit({ runPolicy: { backoffLimit: 1 } });
  await site.reaches('Running', 'PodsRunning');

  await first.kill();
  await site.end('Failed', 'inherited-1');
  await leads(second);
  await site.waitFor('its second attempt', ({ status }) => status?.restarts === 1 && status.state === 'Running');
  t.is((await site.pods()).length, 2);
  t.is(await second.stop(), 0);
  t.is((await client.get(RESOURCE.lease, 'uniap-operator', OPERATOR_NAMESPACE))?.spec?.holderIdentity, '');
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
});
