/** What the operator answers by HTTP: whether it lives, whether it is ready, how it does, and what plans look like. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'winston';
import { UserError } from '../api/errors.ts';

export interface Answer {
  /** 200 unless said otherwise. */
  readonly status?: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a path's pattern (as URLPattern has them) left open, by name. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** By path or pattern of one: the answer, or an error, which is answered by 503. */
export type Routes = Readonly<Record<string, (parameters: Parameters) => Promise<Answer>>>;

/**
 * Listens on `address`, `HOST:PORT`; without HOST on all interfaces. Answers GET and HEAD alone.
 *
 * @throws UserError where the address is none; Error where it is taken.
 */
export async function serve(address: string, routes: Routes, log: Logger): Promise<Server> {
  const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
  if (port === undefined) {
    throw new UserError({ problem: `${address} is no address`, remedy: 'write HOST:PORT or :PORT' });
  }
  const patterns = Object.entries(routes).map(([pathname, route]) => [new URLPattern({ pathname }), route] as const);
  const server = createServer((request, response) => {
    void answer(request, patterns, log).then((answered) => {
      send(response, answered);
    });
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

type Patterns = readonly (readonly [URLPattern, Routes[string]])[];

/** Never rejects. */
async function answer({ method, url = '/' }: IncomingMessage, patterns: Patterns, log: Logger): Promise<Answer> {
  const pathname = URL.parse(url, 'http://localhost')?.pathname ?? '';
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET and HEAD are answered');
  for (const [pattern, route] of patterns) {
    const match = pattern.exec({ pathname });
    if (match === null) continue;
    return route(match.pathname.groups).catch((error: unknown) => {
      log.warn('a request could not be answered', { path: pathname, error: String(error) });
      return text(503, String(error));
    });
  }
  return text(404, 'not found');
}

export function text(status: number, line: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` };
}

function send(response: ServerResponse, { status = 200, contentType, body, headers = {} }: Answer): void {
  response
    .writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff', ...headers })
    .end(body);
}
