import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import test from 'ava';
import { KubernetesClient } from '../../../src/operator/kubernetes/client.ts';
import { Reports } from '../../../src/operator/reports/reports.ts';

const AT_ONCE = 16;

test('while the API server keeps as many requests waiting as are worked on at once, more are sent away unread', async (t) => {
  const waiting: (() => void)[] = [];
  const server = createServer((_, response) => {
    waiting.push(() => response.writeHead(404).end('{}'));
    if (waiting.length === AT_ONCE) server.emit('full');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const config = new KubeConfig();
  const { port } = server.address() as AddressInfo; // it listens on a port
  config.loadFromClusterAndUser(
    { name: 'waits', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'nobody' },
  );
  await using reports = new Reports({ client: new KubernetesClient(config), namespace: undefined });

  const asked = Array.from({ length: AT_ONCE }, () => reports.answer({ namespace: 'a', name: 'b' }));
  await once(server, 'full');
  t.is((await reports.answer({ namespace: 'a', name: 'b' })).status, 503);
  t.is(waiting.length, AT_ONCE);
  waiting.forEach((answer) => {
    answer();
  });
  for (const { status } of await Promise.all(asked)) t.is(status, 404);
});
