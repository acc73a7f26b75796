/** What the cluster asks the operator by HTTP: whether it lives, whether it is ready, and how it does. */
import { createServer, type Server } from 'node:http';
import type { Logger } from 'winston';
import { UserError } from '../api/errors.ts';

/** By path: the body of a good answer, or an error, which is answered by 503. */
export type Routes = Readonly<Record<string, () => Promise<{ readonly contentType: string; readonly body: string }>>>;

/**
 * Listens on `address`, `HOST:PORT`; without HOST on all interfaces.
 *
 * @throws UserError where the address is none; Error where it is taken.
 */
export async function serve(address: string, routes: Routes, log: Logger): Promise<Server> {
  const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
  if (port === undefined) {
    throw new UserError({ problem: `${address} is no address`, remedy: 'write HOST:PORT or :PORT' });
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (route === undefined) {
      response.writeHead(404).end('not found\n');
      return;
    }
    route().then(
      ({ contentType, body }) => response.writeHead(200, { 'content-type': contentType }).end(body),
      (error: unknown) => {
        log.warn('unhealthy', { path: pathname, error: String(error) });
        response.writeHead(503, { 'content-type': 'text/plain' }).end(`${String(error)}\n`);
      },
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  const where = host === undefined || host === '' ? {} : { host: host.replace(/^\[|\]$/g, '') };
  server.listen({ ...where, port: Number(port) }, () => {
    resolve(undefined);
  });
  await promise;
  return server;
}
