import type { NodeFacts } from '../node-facts.ts';
import { placesFrom, type Reading, reading } from '../reading.ts';

/** Keys that Kubernetes defines or that are in common use. */
export function generic(facts: NodeFacts): Reading {
  return reading({
    zone: placesFrom(facts, [
      ['region', 'topology.kubernetes.io/region'],
      ['zone', 'topology.kubernetes.io/zone'],
    ]),
    path: placesFrom(facts, [['rack', 'topology.kubernetes.io/rack']]),
  });
}
