import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { getFromPod } from '../../src/operator/pod-http.ts';
import { aStoredPod } from './state-builder.ts';

const pod = aStoredPod(0, 'Running', { status: { podIP: '127.0.0.1' } });
const forever = new AbortController().signal;

/** A server on the loopback address, in the place of a pod, that ends with the test. */
async function serve(t: ExecutionContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port; // of a server that listens on TCP
}

test('a page is read with its status', async (t) => {
  const port = await serve(t, ({ url }, response) => response.writeHead(503).end(`${url ?? ''}: not ready`));
  t.deepEqual(await getFromPod(pod, { port, path: '/profile' }, forever), { status: 503, body: '/profile: not ready' });
});

test('a redirect is not followed', async (t) => {
  const port = await serve(t, (_, response) => response.writeHead(302, { location: '/elsewhere' }).end('over there'));
  t.deepEqual(await getFromPod(pod, { port, path: '/metrics' }, forever), { status: 302, body: 'over there' });
});

test('an answer without end is cut off', async (t) => {
  const port = await serve(t, (_, response) => {
    const more = () => {
      while (response.write('x'.repeat(1000)));
    };
    response.on('drain', more);
    more();
  });
  await t.throwsAsync(getFromPod(pod, { port, path: '/metrics' }, forever, { seconds: 60, bytes: 5000 }), {
    message: `http://127.0.0.1:${port}/metrics answers with more than 5000 bytes`,
  });
});

test('what is packed counts by what it unpacks to', async (t) => {
  const port = await serve(t, (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000))),
  );
  await t.throwsAsync(getFromPod(pod, { port, path: '/metrics' }, forever, { seconds: 60, bytes: 5000 }), {
    message: /more than 5000 bytes/,
  });
});

test('an answer that does not come to its end is not waited for', async (t) => {
  const port = await serve(t, (_, response) => response.write('so far'));
  await t.throwsAsync(getFromPod(pod, { port, path: '/metrics' }, forever, { seconds: 0.1, bytes: 5000 }), {
    name: 'TimeoutError',
  });
});

test('a request that nobody wants any more is given up', async (t) => {
  const abort = new AbortController();
  const port = await serve(t, () => {
    abort.abort();
  });
  await t.throwsAsync(getFromPod(pod, { port, path: '/metrics' }, abort.signal), { name: 'AbortError' });
});

test('a pod without address is said to have none', async (t) => {
  await t.throwsAsync(getFromPod(aStoredPod(0, 'Pending'), { port: 9464, path: '/metrics' }, forever), {
    message: 'pod llama-0 has no address',
  });
});
