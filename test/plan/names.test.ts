import test from 'ava';
import fc from 'fast-check';
import { baseName, planName, podName, serviceName } from '../../src/plan/names.ts';

/** RFC 1035, as Kubernetes checks the name of a Service. */
const DNS_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Names that the API server takes for a custom resource: DNS subdomains of up to 253 characters. */
const subdomain = fc
  .stringMatching(/^[a-z0-9]([-a-z0-9]{0,80}[a-z0-9])?([.][a-z0-9]([-a-z0-9]{0,80}[a-z0-9])?){0,2}$/)
  .filter((name) => name.length <= 253);

/** The names most likely to collide with a shortened one: those that look like it. */
const crafted = subdomain.chain((name) =>
  fc.constantFrom(name, baseName(name), baseName(baseName(name)), podName(name, 3)),
);

const LARGEST = 2 ** 31 - 1;

test('every name is a DNS label, whatever the job is called', (t) => {
  fc.assert(
    fc.property(subdomain, fc.integer({ min: 0, max: LARGEST }), (job, number) =>
      [serviceName(job), podName(job, number), planName(job, number)].every((name) => DNS_LABEL.test(name)),
    ),
  );
  t.pass();
});

test('two jobs never share a base name, however their names are made', (t) => {
  fc.assert(
    fc.property(crafted, crafted, (one, other) => one === other || baseName(one) !== baseName(other)),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(subdomain, (job) => baseName(baseName(job)) !== baseName(job) || baseName(job) === job));
  t.pass();
});

test('two pods never share a name, within a job and between jobs', (t) => {
  const pod = fc.tuple(crafted, fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(pod, pod, ([job, rank], [otherJob, otherRank]) => {
      const same = job === otherJob && rank === otherRank;
      return same || podName(job, rank) !== podName(otherJob, otherRank);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('a name that can stand as it is stays as it is', (t) => {
  t.is(podName('llama-2-7b', 3), 'llama-2-7b-3');
  t.is(serviceName('llama-2-7b'), 'llama-2-7b');
  t.is(planName('llama-2-7b', 1), 'llama-2-7b-1');
});

test('a name that cannot is shortened readably, and is the same every time', (t) => {
  t.is(baseName('llama.v2'), 'llama-v2-4oxsoghi3roykqeq');
  t.regex(baseName('7b'), /^job-7b-[0-9a-z]{16}$/);
  t.regex(baseName('a'.repeat(253)), /^a{35}-[0-9a-z]{16}$/);
});
