/** What a kubelet answers to the API server when somebody asks for `kubectl logs`. */
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 200;

export interface Log {
  readonly file: string;
  /** Whether more may come. */
  readonly isOpen: () => boolean;
}

/** The log of a container, or undefined where there is none. */
export type FindLog = (namespace: string, pod: string, container: string) => Log | undefined;

export interface LogServer {
  readonly port: number;
  readonly close: () => void;
}

/** Serves on a port of the loopback interface, with the certificate that the API server beside the kubeconfig has made. */
export async function serveLogs(kubeconfig: string, find: FindLog): Promise<LogServer> {
  const file = async (name: string) => readFile(join(dirname(kubeconfig), name));
  const certificate = { cert: await file('apiserver.crt'), key: await file('apiserver.key') };
  const server: Server = createServer(certificate, ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'https://node');
    const [, kind, namespace = '', pod = '', container = ''] = pathname.split('/');
    const log = kind === 'containerLogs' ? find(namespace, pod, container) : undefined;
    if (log === undefined) {
      response.writeHead(404).end(`the test agent has no ${pathname}\n`);
      return;
    }
    send(log, searchParams.get('follow') === 'true', response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // as it listens on a port
  return {
    port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function send({ file, isOpen }: Log, follow: boolean, response: ServerResponse): Promise<void> {
  await using handle = await open(file);
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  response.flushHeaders();
  for (let last = false; !last && !response.destroyed;) {
    last = !follow || !isOpen(); // what was written until now is still sent
    response.write(await handle.readFile()); // from where the last reading ended
    if (!last) await delay(POLL_MS);
  }
  response.end();
}
