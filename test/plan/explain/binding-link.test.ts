import test from 'ava';
import type { LayerRun } from '../../../src/api/parallel-plan.ts';
import { bindingLink } from '../../../src/plan/explain/binding-link.ts';
import { priceOfPlan } from '../../../src/plan/supplied-plan.ts';
import { aPlan, aRun } from '../builders.ts';
import { aSmallSite } from './sites.ts';

/** Of a plan without stages, of the one strategy, on nodes of four A100 with an Ethernet port each. */
function linkOf(nodes: number, run: Partial<LayerRun>): string {
  const site = aSmallSite({ nodes, allocation: { fabric: { kind: 'ethernet', bytesPerSecond: 1e9 } } });
  const stages = [{ layers: [aRun({ last: 5, ...run })] }];
  const plan = aPlan({ gpus: 4 * nodes, globalBatchSize: 32, microBatches: 1, stages });
  return bindingLink(plan, priceOfPlan(site, plan), site.workload.hardware) ?? '';
}

test('the link that counts most is that of the longest exchange', (t) => {
  for (const [run, says] of [
    [{ replicas: 8 }, /gradient reduction among replicas over it, \d+/],
    [{ shards: 8 }, /gathering and scattering/],
    [{ shards: 8, zeroStage: 1 }, /gradient reduction/],
    [{ tensor: 8 }, /tensor-parallel communication/],
  ] as const) {
    t.regex(linkOf(2, run), new RegExp(`^of the links most by Ethernet between nodes: ${says.source}`));
  }
  t.regex(linkOf(1, { tensor: 4 }), /^of the links most by NVLink-3 inside each node: tensor-parallel communication/);
});
