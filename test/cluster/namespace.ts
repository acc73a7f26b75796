import { randomBytes } from 'node:crypto';
import { CoreV1Api } from '@kubernetes/client-node';
import type { ExecutionContext } from 'ava';
import type { Cluster } from './cluster.ts';
import { waitFor } from './wait-for.ts';

/**
 * Creates a namespace for one test alone, waits until pods can be created in it, and deletes it when the test ends.
 * Its name is also a prefix for what lives outside namespaces, such as nodes.
 *
 * @returns the name: at most 38 characters, made from the test's title.
 */
export async function testNamespace(t: ExecutionContext, { config }: Cluster): Promise<string> {
  const api = config.makeApiClient(CoreV1Api);
  const name = `${slug(t.title)}-${randomBytes(3).toString('hex')}`;
  await api.createNamespace({ body: { metadata: { name } } });
  t.teardown(async () => {
    await api.deleteNamespace({ name }); // its contents follow by and by
  });
  await waitFor(() => api.readNamespacedServiceAccount({ namespace: name, name: 'default' }), {
    describe: `the default service account of namespace ${name}`,
  });
  return name;
}

function slug(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `t-${words.join('-')}`.slice(0, 31).replace(/-+$/, '');
}
