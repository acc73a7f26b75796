/** Reads what a pod of a job serves: a tenant's program, which may answer slowly, without end, or not at all. */
import { isIPv6 } from 'node:net';
import { Readable } from 'node:stream';
import type { Pod } from './kubernetes/pod.ts';

interface PodPage {
  readonly port: number;
  /** With its slash: `/metrics`. */
  readonly path: string;
}

interface Limits {
  /** Until the whole answer is there. */
  readonly seconds: number;
  /** Of the body, once it is unpacked. */
  readonly bytes: number;
}

/** The figures of 16 ranks take 40 KiB. */
const LIMITS: Limits = { seconds: 5, bytes: 4 * 2 ** 20 };

interface PodAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks a pod for a page, as text. Redirects are not followed: a tenant's pod must not tell the operator where to go.
 *
 * @param signal - Gives the request up.
 * @throws {Error} where the pod has no address, cannot be reached, or answers later or longer than the limits allow
 */
export async function getFromPod(
  { metadata, status }: Pod,
  { port, path }: PodPage,
  signal: AbortSignal,
  { seconds, bytes }: Limits = LIMITS,
): Promise<PodAnswer> {
  const address = status?.podIP;
  if (address === undefined) throw new Error(`pod ${metadata.name} has no address`);
  const url = new URL(path, `http://${isIPv6(address) ? `[${address}]` : address}:${port}`);
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]),
  });
  return { status: response.status, body: await textOf(response, bytes) };
}

async function textOf({ body, url }: Response, limit: number): Promise<string> {
  const stream: AsyncIterable<Uint8Array> = body ?? Readable.from([]);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.byteLength;
    if (bytes > limit) throw new Error(`${url} answers with more than ${limit} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
