import test, { type ExecutionContext } from 'ava';
import { createLogger, transports } from 'winston';
import { KubernetesClient } from '../../../src/operator/kubernetes/client.ts';
import type { ConfigMap } from '../../../src/operator/kubernetes/core-resources.ts';
import { ObjectCache } from '../../../src/operator/kubernetes/object-cache.ts';
import { RESOURCE } from '../../../src/operator/kubernetes/resources.ts';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { type Cluster, sharedCluster } from '../../cluster/cluster.ts';
import { testNamespace } from '../../cluster/namespace.ts';
import { waitFor } from '../../cluster/wait-for.ts';

const silent = createLogger({ transports: [new transports.Console({ silent: true })] });
const LABEL = 'test.uniap.dev/cache';

function aConfigMap(namespace: string, name: string, data: Readonly<Record<string, string>>) {
  const metadata = { name, namespace, labels: { [LABEL]: 'yes', group: data.group ?? '' } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** A cache of the ConfigMaps of a namespace that carry a label, and what it told of. */
async function aCache(t: ExecutionContext, { config }: Cluster, namespace: string) {
  const client = new KubernetesClient(config);
  const changes: string[] = [];
  const cache = new ObjectCache<ConfigMap>({
    client,
    resource: RESOURCE.configMap,
    namespace,
    labelSelector: LABEL,
    log: silent,
    index: ({ metadata }) => metadata.labels?.group,
    trim: ({ apiVersion, kind, metadata, data = {} }) => ({
      apiVersion,
      kind,
      metadata: { ...metadata, managedFields: undefined },
      data: { value: data.value ?? '' },
    }),
    onChange: (after, before) => {
      changes.push(
        `${(after ?? before)?.metadata.name ?? ''}: ${before?.data?.value ?? '-'} → ${after?.data?.value ?? '-'}`,
      );
    },
  });
  const stop = new AbortController();
  const ended = cache.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await ended;
  });
  await cache.synced;
  const sees = async (name: string, value: string | undefined) => {
    await waitFor(() => cache.get(namespace, name)?.data?.value === value, {
      describe: `the cache to see ${name} as ${value ?? 'absent'}`,
    });
  };
  const apply = (object: object) => client.apply(object, 'test');
  return { cache, client, changes, sees, apply };
}

test('a cache lists what is there and follows what changes', async (t) => {
  const cluster = await sharedCluster();
  const namespace = await testNamespace(t, cluster);
  await cluster.apply([aConfigMap(namespace, 'a', { value: '1', group: 'x' })]);
  const { cache, client, changes, sees, apply } = await aCache(t, cluster, namespace);
  await sees('a', '1');

  await apply(aConfigMap(namespace, 'b', { value: '1', group: 'x' }));
  await sees('b', '1');
  t.deepEqual(
    cache.select('x').map(({ metadata }) => metadata.name),
    ['a', 'b'],
  );
  await apply(aConfigMap(namespace, 'a', { value: '2', group: 'y' }));
  await sees('a', '2');
  t.deepEqual(
    cache.select('x').map(({ metadata }) => metadata.name),
    ['b'],
  );
  const b = cache.get(namespace, 'b');
  await client.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'b', uid: b?.metadata.uid ?? '' });
  await sees('b', undefined);
  t.deepEqual(changes, ['a: - → 1', 'b: - → 1', 'a: 1 → 2', 'b: 1 → -']);
  t.is(cache.list().length, 1);
});

test('a change of what is trimmed away is no change', async (t) => {
  const cluster = await sharedCluster();
  const namespace = await testNamespace(t, cluster);
  const { changes, sees, apply } = await aCache(t, cluster, namespace);
  await apply(aConfigMap(namespace, 'a', { value: '1' }));
  await apply(aConfigMap(namespace, 'a', { value: '1', other: 'x' }));
  await apply(aConfigMap(namespace, 'a', { value: '2', other: 'x' }));
  await sees('a', '2');
  t.deepEqual(changes, ['a: - → 1', 'a: 1 → 2']);
});

test('what a write returned is there at once, is told of once, and nothing older replaces it', async (t) => {
  const cluster = await sharedCluster();
  const namespace = await testNamespace(t, cluster);
  const { cache, changes, sees, apply } = await aCache(t, cluster, namespace);
  const written = await apply(aConfigMap(namespace, 'a', { value: '1' }));
  cache.put(written as ConfigMap); // what was applied is a ConfigMap
  t.is(cache.get(namespace, 'a')?.data?.value, '1');
  await apply(aConfigMap(namespace, 'a', { value: '2' }));
  await sees('a', '2');
  cache.put(written as ConfigMap);
  t.is(cache.get(namespace, 'a')?.data?.value, '2');
  t.deepEqual(changes, ['a: - → 1', 'a: 1 → 2']);
});

test('an object of a name but not of a uid is not deleted', async (t) => {
  const cluster = await sharedCluster();
  const namespace = await testNamespace(t, cluster);
  const { client, sees, apply } = await aCache(t, cluster, namespace);
  await apply(aConfigMap(namespace, 'a', { value: '1' }));
  await client.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a', uid: 'another' });
  await client.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'missing', uid: 'another' });
  await sees('a', '1');
  t.not(await client.get(RESOURCE.configMap, 'a', namespace), undefined);
});

test('a cache that the API server left behind catches up', async (t) => {
  const controlPlane = await startControlPlane();
  t.teardown(() => controlPlane.stop());
  const { sees, apply } = await aCache(t, controlPlane, 'default');
  await apply(aConfigMap('default', 'before', { value: '1' }));
  await sees('before', '1');
  await controlPlane.restartApiServer();
  await controlPlane.kubectl(['delete', 'configmap', 'before']);
  await apply(aConfigMap('default', 'after', { value: '1' }));
  await sees('after', '1');
  await sees('before', undefined);
  t.pass();
});
