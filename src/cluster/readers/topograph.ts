import type { NodeFacts } from '../node-facts.ts';
import { domainIn, placesFrom, type Reading, reading } from '../reading.ts';
import type { Place } from '../topology.ts';

/**
 * Topograph from 1.0: `fabric.topograph.run/tier-N`, tier 0 nearest, as many as there are.
 * Its accelerator domain is an NVLink domain, or a part of one in the sub-domain, only on machines that have one: on
 * Google Cloud it is the sub-block and on AWS the capacity block. A rack's nodes may hang on several nearest switches, so those are no part of the domain's name.
 * Source: NVIDIA/topograph, docs/reference/node-labels.md.
 */
export function topograph(facts: NodeFacts): Reading {
  const path = tiers(facts);
  return reading({
    acceleratorDomain: domainIn(path?.slice(0, -1), facts.labels.get('accelerator.topograph.run/domain')),
    path,
  });
}

function tiers({ labels }: NodeFacts): readonly Place[] | undefined {
  const found = [...labels]
    .flatMap(([key, name]) => {
      const tier = /^fabric\.topograph\.run\/tier-(\d+)$/.exec(key)?.[1];
      return tier === undefined ? [] : [{ tier: Number(tier), name }];
    })
    .sort((one, other) => other.tier - one.tier);
  return found.length === 0 ? undefined : found.map(({ tier, name }) => ({ level: `fabric tier ${tier}`, name }));
}

/** Topograph before 1.0: core, spine, leaf from 0.3; datacenter, spine, block in 0.1. */
export function topographBefore1(facts: NodeFacts): Reading {
  const key = (name: string) => `network.topology.nvidia.com/${name}`;
  const path = placesFrom(facts, [
    ['datacenter', key('datacenter')],
    ['core', key('core')],
    ['spine', key('spine')],
    ['block', key('block')],
    ['leaf', key('leaf')],
  ]);
  return reading({
    acceleratorDomain: domainIn(path?.slice(0, -1), facts.labels.get(key('accelerator'))),
    path,
  });
}
