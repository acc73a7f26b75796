import { buildConfigMap } from '../../../plan/config-map.ts';
import { buildPod } from '../../../plan/pods.ts';
import { buildService } from '../../../plan/service.ts';
import type { DesiredObject } from '../../kubernetes/objects.ts';
import type { Verdict } from '../decision.ts';
import { type Facts, inputsOfPlan, missingRanks } from '../facts.ts';
import { gangOf, planJobOf } from './gang-of.ts';
import { obtainPlan } from './planning.ts';

/**
 * Makes what is missing of Service, ConfigMap and pods. A gang of which no pod is there yet starts only if the nodes of its
 * plan are still free; else another plan is made.
 */
export function creation(facts: Facts): Verdict | undefined {
  const { job, gang, plan, attempt, obstacles } = facts;
  if (plan === undefined) return undefined;
  if (gang.length === 0 && obstacles.length > 0) {
    const revision = plan.spec.revision ?? 0;
    return obtainPlan(
      facts,
      `The plan of revision ${revision} cannot start, another is made: ${obstacles.join('; ')}.`,
    );
  }
  const gangToBe = gangOf(job, plan, attempt);
  const pods = missingRanks(facts).map((rank) => buildPod(gangToBe, rank));
  const apply = [...missingFurniture(facts), ...pods];
  if (apply.length === 0) return undefined;
  if (pods.length === 0) return { apply };
  return {
    reports: [
      {
        type: 'Running',
        reason: 'AwaitingPods',
        message: pods.length === 1 ? 'Creating a pod.' : `Creating ${pods.length} pods.`,
      },
    ],
    status: { startTime: job.status?.startTime ?? new Date(facts.now).toISOString() },
    apply,
    planning: 'discard',
  };
}

/** The Service and the ConfigMap, unless they are there or cannot be made as they were. */
function missingFurniture(facts: Facts): DesiredObject[] {
  const { job, plan, attempt, present } = facts;
  const inputs = inputsOfPlan(facts);
  const objects: DesiredObject[] = [];
  if (!present.service) objects.push(buildService(planJobOf(job)));
  if (!present.configMap && plan !== undefined && inputs !== undefined) {
    objects.push(buildConfigMap(gangOf(job, plan, attempt), inputs.config));
  }
  return objects;
}
