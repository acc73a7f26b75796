import test from 'ava';
import { sharedCluster } from '../cluster/cluster.ts';
import { messageOf, operatorForTests, Site, SMALL_LAYER } from './harness.ts';

const cluster = await sharedCluster();
const { namespace } = await operatorForTests(test, cluster);

/** Two of these keep 32 GB of the samples of a GPU, or half of it at a time where they are computed again. */
const LARGE_LAYER = { ...SMALL_LAYER, savedElements: 4_000_000_000 };

/** The termination message of `uniap-runtime`, as an annotation that kwok follows. */
function ranOutOfMemory(bytes: number): string {
  const said = {
    reason: 'OutOfMemory',
    rank: 8,
    stage: 0,
    layer: 1,
    actualBytes: bytes,
    message: 'backward pass, layer 1',
  };
  return `test.uniap.dev/message=${JSON.stringify(said)}`;
}

test('a job that runs out of memory is planned anew with the margin learnt, until no plan fits', async (t) => {
  const site = await Site.open(t, cluster, { namespace, name: 'bursts', nodes: 2 });
  await site.submit({ model: { layers: [LARGE_LAYER] } });
  await site.reaches('Running', 'PodsRunning');
  await site.end('Failed', 'bursts-1', 'test.uniap.dev/exit-code=70', ranOutOfMemory(39e9));
  const again = await site.waitFor(
    'another plan',
    ({ status }) => status?.state === 'Running' && status.plan?.revision === 2,
  );
  t.like(again.status, { restarts: 1, outOfMemory: { revision: 1, stage: 0, layer: 1, actualBytes: 39e9 } });
  const plans = (await site.plans()).map(({ spec }) => spec);
  t.deepEqual(
    plans.map(({ stages }) => stages[0]?.layers[0]?.recomputation),
    ['None', 'Full'],
  );
  t.is(plans[1]?.predicted?.corrections?.memory, String(Number(again.status?.outOfMemory?.memoryFactor)));
  t.regex(plans[1]?.predicted?.figures ?? '', /corrected by what runs have shown: memory × 1\.\d/);
  const told = await site.events();
  t.true(
    told.some((event) =>
      /^Restarting: Restart 1 of 3: pod bursts-1 on node .* ran out of memory in stage 0, at layer 1: 36.3 GiB needed/.test(
        event,
      ),
    ),
    told.join('\n'),
  );

  await site.end('Failed', 'bursts-0', 'test.uniap.dev/exit-code=70', ranOutOfMemory(39e9));
  const unplanned = await site.reaches('Planned', 'NoPlanFits');
  t.regex(
    messageOf(unplanned, 'Planned'),
    /too much on each GPU of stage 0.*memory is counted \d\.\d+ times, since it ran out under the plan of revision 2/,
  );
  t.like(unplanned.status, { restarts: 2, outOfMemory: { revision: 2 } });
});
