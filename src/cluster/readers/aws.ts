import type { NodeFacts } from '../node-facts.ts';
import { type Reading, reading } from '../reading.ts';
import type { Place } from '../topology.ts';
import { GIGABIT_PER_SECOND, MEBIBYTE, positiveInteger } from '../units.ts';

/**
 * AWS: the network nodes over an instance, layer 1 widest, three or four of them, and the UltraServer (NVL72 domain).
 * Source: AWS, "Amazon EC2 instance topology" and the EKS labels made from it.
 */
export function aws(facts: NodeFacts): Reading {
  return reading({ nvlinkDomain: facts.labels.get('topology.k8s.aws/ultraserver-id'), path: layers(facts) });
}

function layers({ labels }: NodeFacts): readonly Place[] | undefined {
  const found = [...labels]
    .flatMap(([key, name]) => {
      const layer = /^topology\.k8s\.aws\/network-node-layer-(\d+)$/.exec(key)?.[1];
      return layer === undefined ? [] : [{ layer: Number(layer), name }];
    })
    .sort((one, other) => one.layer - other.layer);
  return found.length === 0 ? undefined : found.map(({ layer, name }) => ({ level: `network layer ${layer}`, name }));
}

/**
 * Karpenter's labels of the instance type, which EKS Auto Mode writes under a name of its own: memory in MiB, network in
 * Mbit/s. They do not tell SXM from PCIe, so the table of instance types goes before. Source: karpenter.sh, reference, "Instance types".
 */
export function karpenter({ labels }: NodeFacts): Reading {
  const label = (name: string) =>
    labels.get(`karpenter.k8s.aws/instance-${name}`) ?? labels.get(`eks.amazonaws.com/instance-${name}`);
  const name = label('gpu-name');
  const memory = positiveInteger(label('gpu-memory'));
  const megabits = positiveInteger(label('network-bandwidth'));
  const vendor = label('gpu-manufacturer') === 'amd' ? 'AMD' : 'NVIDIA';
  return reading({
    product: name === undefined ? undefined : `${vendor}-${name.toUpperCase()}`,
    memoryBytes: memory === undefined ? undefined : memory * MEBIBYTE,
    fabricBytesPerSecond: megabits === undefined ? undefined : (megabits / 1000) * GIGABIT_PER_SECOND,
  });
}
