import test from 'ava';
import type { CandidateLog } from '../../../src/planner/search.ts';
import type { Candidate } from '../../../src/cost/workload.ts';
import { reportPage } from '../../../src/plan/report/page.ts';
import { aSubject, BERT, EXPLANATION, GPT_3 } from './subjects.ts';

const HOSTILE = '<script>alert(1)</script>"\'';

const LOG: readonly CandidateLog<Candidate>[] = [
  {
    candidate: { stages: 2, microBatches: 4, virtualStages: 1 },
    bound: 1,
    outcome: 'solved',
    value: 1.2,
    lowerBound: 1.2,
    form: 'stage-wise',
    solverNodes: 0,
    seconds: 0.1,
  },
  {
    candidate: { stages: 8, microBatches: 4, virtualStages: 1 },
    bound: Infinity,
    outcome: 'infeasible',
    value: null,
    lowerBound: Infinity,
    form: 'none',
    solverNodes: 0,
    seconds: 0,
  },
];

test('what users name is text wherever it stands', (t) => {
  const subject = aSubject(BERT, { name: HOSTILE, log: LOG, explanation: { ...EXPLANATION, limits: [HOSTILE] } });
  const { site, plan } = subject;
  const nodes = site.allocation.nodes.map((node) => ({ ...node, name: HOSTILE }));
  const model = {
    ...site.workload.model,
    layers: site.workload.model.layers.map((each) => ({ ...each, kind: HOSTILE })),
  };
  const page = reportPage({
    ...subject,
    plan: {
      ...plan,
      model: HOSTILE,
      stages: plan.stages.map(({ layers }) => ({ layers: layers.map((run) => ({ ...run, name: HOSTILE })) })),
    },
    site: { allocation: { ...site.allocation, nodes }, workload: { ...site.workload, model } },
  });
  t.true(page.split('&lt;script&gt;').length > 10);
  t.notRegex(page, /<script/);
});

test('a page needs nothing from elsewhere and says so to the browser', (t) => {
  const page = reportPage(aSubject(BERT));
  t.regex(page, /Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/);
  t.notRegex(page, /(src|href)="(?!#)|url\(|@import|style=|<script|onload/);
});

test('sections without anything to say are left out', (t) => {
  const ids = (page: string) => [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
  t.deepEqual(ids(reportPage(aSubject(BERT))), ['timeline', 'time', 'memory', 'layers', 'topology']);
  const whole = reportPage(aSubject(BERT, { log: LOG, explanation: EXPLANATION }));
  t.deepEqual(ids(whole).slice(-2), ['search', 'alternatives']);
});

test('a step of any number of passes has a page', (t) => {
  const many = reportPage(aSubject({ ...GPT_3, microBatches: 1024, globalBatchSize: 8 * 1024 }));
  t.regex(many, /How the pipeline fills/);
  const tooMany = reportPage(aSubject({ ...GPT_3, microBatches: 2 ** 26, globalBatchSize: 2 ** 29 }));
  t.regex(tooMany, /A step has 4,294,967,296 passes, too many/);
});

test('of a recorded plan it shows what is recorded of its search', (t) => {
  const { plan, ...subject } = aSubject(BERT);
  const proof = {
    value: '1.2',
    lowerBound: '1.2',
    relativeGap: '0',
    candidates: 24,
    pruned: 20,
    infeasible: 1,
    solved: 3,
    confirmed: 3,
    solver: 'HiGHS',
    seconds: '0.5',
    runnersUp: [{ pipelineDegree: 4, microBatches: 8, lowerBound: '1.25' }],
  };
  const page = reportPage({ ...subject, plan: { ...plan, proof } });
  t.regex(page, /<th scope="row">ruled out by their bounds<\/th>\s*<td class="number">20<\/td>/);
  t.regex(page, /<th scope="row">pp 4 · c 8<\/th>\s*<td class="number">1\.25 s<\/td>/);
});

test('alternatives are said in words', (t) => {
  const page = reportPage(aSubject(BERT, { explanation: EXPLANATION }));
  for (const words of [
    '11% faster',
    '2.3× slower',
    '2% to 11% slower',
    'does not fit',
    'not found in time',
    'not possible',
    'the batch cannot be split',
  ]) {
    t.true(page.includes(`<td>${words}</td>`), words);
  }
});

test('a large plan makes no large page', (t) => {
  const bytes = Buffer.byteLength(reportPage(aSubject(GPT_3, { log: LOG, explanation: EXPLANATION })));
  t.true(bytes < 2e6, `${bytes} bytes`);
});

test('one plan is one page', (t) => {
  t.is(reportPage(aSubject(BERT)), reportPage(aSubject(BERT)));
});
