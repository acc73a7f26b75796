/**
 * Stands in for `uniap-runtime` where tests are about the operator: trains until it is told to end, and measures in no time
 * what `FIGURES` says, if anything.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { TrainingJobSpec } from '../../../src/api/training-job.ts';

const { env } = process;
const [command] = process.argv.slice(2);

function document(): object {
  const training = JSON.parse(readFileSync(env.UNIAP_TRAINING ?? '', 'utf8')) as TrainingJobSpec['training'];
  const { model_type: family } = JSON.parse(readFileSync(env.UNIAP_MODEL ?? '', 'utf8')) as { model_type: string };
  const provenance = { tool: 'stand-in 1.0', device: env.UNIAP_DEVICE, torch: '2.15.0' };
  const { precision, sequenceLength } = training;
  const times = [1, 2, 4, 8].map((samples) => ({ samples, forwardSeconds: `${samples / 8}`, backwardSeconds: '2' }));
  const exchanges = [1024, 2 ** 30].map((bytes) => ({ bytes, seconds: '0.001' }));
  const size = Number(env.WORLD_SIZE);
  const membersPerNode = Number(env.PET_NPROC_PER_NODE);
  const resource = { apiVersion: 'uniap.dev/v1alpha1', metadata: { name: 'measured' } };
  return {
    model: {
      ...resource,
      kind: 'ModelProfile',
      spec: { provenance, model: family, precision, sequenceLength, layers: [{ names: ['block'], times }] },
    },
    hardware: {
      ...resource,
      kind: 'HardwareProfile',
      spec: { provenance, collectives: [{ operation: 'AllReduce', size, membersPerNode, times: exchanges }] },
    },
  };
}

/** Keeps the process alive until it is told to end. */
function wait(): void {
  setInterval(() => undefined, 60_000);
}

function serve(body: string): void {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/profile' ? 200 : 404).end(body);
  });
  server.listen(Number(env.UNIAP_METRICS_PORT), env.UNIAP_METRICS_ADDRESS);
}

function measure(): void {
  switch (env.FIGURES) {
    case 'none':
      wait();
      return;
    case 'garbled':
      serve('{"model": {"kind": "ModelProfile", "spec": {"layres": []}}}');
      return;
    case 'broken':
      process.exitCode = 64;
      return;
    case undefined:
    default:
      serve(JSON.stringify(document()));
  }
}

process.once('SIGTERM', () => {
  process.exit(0);
});
if (command === 'profile') {
  if (env.PET_NODE_RANK === '0') measure();
  else wait();
} else {
  wait();
}
