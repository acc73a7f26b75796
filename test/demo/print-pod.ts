import type { V1Pod } from '@kubernetes/client-node';
import { GROUP } from '../../src/api/group.ts';

/** Prints what a pod is told of its place in the plan, given the pod as JSON. */
export function printPod(text: string): void {
  const { metadata } = JSON.parse(text) as V1Pod; // as the API server wrote it
  console.log(`\npod ${metadata?.name ?? ''}`);
  for (const [name, value] of Object.entries(metadata?.annotations ?? {})) {
    if (name.startsWith(`${GROUP}/`)) console.log(`  ${name}: ${value}`);
  }
}
