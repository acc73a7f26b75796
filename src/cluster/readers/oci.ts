import type { NodeFacts } from '../node-facts.ts';
import { placesFrom, type Reading, reading } from '../reading.ts';

/** Written where the instance metadata name no place. Source: oracle-quickstart's OKE management tool and labeller. */
const ABSENT: ReadonlySet<string> = new Set(['-', 'none', 'no-imds-data', 'not-available', 'null', 'unknown']);

/** Oracle Cloud: places in its RDMA cluster networks, which are RoCE. Source: oracle-quickstart/oci-hpc-oke. */
export function oci(facts: NodeFacts): Reading {
  const present = [...facts.labels].filter(([, value]) => !ABSENT.has(value.toLowerCase()));
  const path = placesFrom({ ...facts, labels: new Map(present) }, [
    ['HPC island', 'oci.oraclecloud.com/rdma.hpc_island_id'],
    ['network block', 'oci.oraclecloud.com/rdma.network_block_id'],
    ['local block', 'oci.oraclecloud.com/rdma.local_block_id'],
  ]);
  return reading({ path, fabricKind: path === undefined ? undefined : 'roce' });
}
