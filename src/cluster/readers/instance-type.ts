import { AWS_INSTANCE_TYPES } from '../instances/aws.ts';
import { AZURE_INSTANCE_TYPES } from '../instances/azure.ts';
import { GOOGLE_INSTANCE_TYPES } from '../instances/google.ts';
import { type InstanceType, instanceReading } from '../instances/instance-type.ts';
import { ORACLE_INSTANCE_TYPES } from '../instances/oracle.ts';
import type { NodeFacts } from '../node-facts.ts';
import type { Reading } from '../reading.ts';

const TYPES: ReadonlyMap<string, InstanceType> = new Map(
  [AWS_INSTANCE_TYPES, AZURE_INSTANCE_TYPES, GOOGLE_INSTANCE_TYPES, ORACLE_INSTANCE_TYPES].flatMap(Object.entries),
);

/** The instance type is there from the first second, when labels that something on the node must find are not. */
export function instanceTypeLabel({ labels }: NodeFacts): Reading {
  return instanceReading(
    TYPES.get(labels.get('node.kubernetes.io/instance-type') ?? labels.get('beta.kubernetes.io/instance-type') ?? ''),
  );
}
