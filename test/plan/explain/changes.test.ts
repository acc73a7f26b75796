/** What is planned anew: the changes, without planning. */
import test from 'ava';
import { usableBytes } from '../../../src/cost/memory-limit.ts';
import { ablations } from '../../../src/plan/explain/ablations.ts';
import { runnersUp } from '../../../src/plan/explain/runners-up.ts';
import { whatIfs } from '../../../src/plan/explain/what-ifs.ts';
import type { CandidateLog } from '../../../src/planner/search.ts';
import { aPlan } from '../builders.ts';
import { aSmallSite } from './sites.ts';

const GIBIBYTE = 2 ** 30;

test('other hardware is of what there is', (t) => {
  const titles = (site: ReturnType<typeof aSmallSite>) => whatIfs(site).map(({ title }) => title);
  const always = [
    '4 GiB more on each GPU',
    'twice the memory on each GPU',
    'twice the arithmetic of each GPU',
    'twice the global batch',
  ];
  const network = 'twice the rate between nodes';
  const nvlink = 'without NVLink-3, over PCIe-4';
  t.deepEqual(titles(aSmallSite()).toSorted(), [...always, nvlink].toSorted());
  t.deepEqual(
    titles(aSmallSite({ nodes: 2 })).toSorted(),
    [...always, nvlink, network, 'without InfiniBand, over Ethernet of 10 Gbit/s a node'].toSorted(),
  );
  const ethernet = { fabric: { kind: 'ethernet', bytesPerSecond: null }, interconnect: 'pcie' } as const;
  t.deepEqual(
    titles(aSmallSite({ nodes: 2, allocation: ethernet })).toSorted(),
    [...always, network, 'with InfiniBand of 200 Gbit/s a node'].toSorted(),
  );
});

test('more memory is more that a plan may use, under a limit of planning too', (t) => {
  for (const memoryLimitBytes of [undefined, 8 * GIBIBYTE]) {
    const site = aSmallSite({ planning: memoryLimitBytes === undefined ? {} : { memoryLimitBytes } });
    const [more] = whatIfs(site);
    const gain = usableBytes(more?.site.workload ?? site.workload) - usableBytes(site.workload);
    t.true(gain > 3.75 * GIBIBYTE && gain <= 4 * GIBIBYTE, `${gain} bytes`);
  }
});

test('fewer choices are fewer than the job has', (t) => {
  t.deepEqual(
    ablations(aSmallSite({ planning: { parallelisms: ['Data'], recomputations: ['None'], zeroStages: [3] } })),
    [],
  );
  const all = ablations(aSmallSite());
  t.is(all.length, 8);
  t.true(all.every(({ title }) => title !== '') && new Set(all.map(({ title }) => title)).size === all.length);
  const noPipeline = all.find(({ title }) => title.startsWith('no pipeline'));
  t.deepEqual(noPipeline?.site.workload.planning.parallelisms, ['Tensor', 'Data', 'FullySharded']);
});

test('runners-up are the other pairs with the least bounds, once each', (t) => {
  const entry = (stages: number, microBatches: number, lowerBound: number): CandidateLog => ({
    candidate: { stages, microBatches },
    bound: lowerBound,
    outcome: 'pruned-by-bound',
    value: null,
    lowerBound,
    form: 'none',
    solverNodes: 0,
    seconds: 0,
  });
  const log = [entry(2, 4, 1), entry(1, 1, 3), entry(4, 2, 2.5), entry(4, 2, 2), entry(8, 1, Infinity)];
  const found = runnersUp(aSmallSite(), aPlan({ microBatches: 4 }), log);
  t.deepEqual(
    found.map(({ title, lowerBound }) => [title, lowerBound]),
    [
      ['pp4, 2 micro-batches', 2],
      ['pp1, 1 micro-batch', 3],
    ],
  );
  t.like(found[0]?.site.workload.planning, { pipelineDegree: 4, microBatches: 2 });
});
