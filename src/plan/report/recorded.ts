/** The report of a plan that is recorded in a cluster: priced anew on its nodes, without a search. */
import { UserError } from '../../api/errors.ts';
import type { ParallelPlanSpec } from '../../api/parallel-plan.ts';
import type { TrainingJobSpec } from '../../api/training-job.ts';
import type { NodeObject } from '../../cluster/objects.ts';
import { readNodes } from '../../cluster/read-nodes.ts';
import { correctionsIn } from '../calibration/calibrated.ts';
import { modelOf } from '../job-model.ts';
import { checkPlan, type PlanContext, priceOfPlan, siteOfPlan } from '../supplied-plan.ts';
import { reportPage } from './page.ts';

export interface RecordedPlan {
  /** Of the job. */
  readonly name: string;
  readonly spec: TrainingJobSpec;
  /** The config.json that the job gives inline or names; null where it names a preset or gives layers. */
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly plan: ParallelPlanSpec;
  /** Of the cluster, those of the plan at least. */
  readonly nodes: readonly NodeObject[];
}

/**
 * @throws {UserError} where the job is no longer what the plan was made for, or a node of the plan is gone
 */
export function recordedReport({ name, spec, config, plan, nodes }: RecordedPlan): string {
  const context = {
    spec,
    model: modelOf(spec, config),
    nodes: nodesOf(plan, nodes),
    profiles: {},
    ...correctionsOf(plan),
  };
  checkPlan(plan, context);
  const site = siteOfPlan(plan, context);
  if (site === null) throw new UserError({ problem: 'the nodes of the plan no longer have as many GPUs as it uses' });
  return reportPage({ name, plan, site, price: priceOfPlan(site, plan), log: [], explanation: null });
}

/** Those that the plan was made with. */
function correctionsOf({ predicted }: ParallelPlanSpec): Pick<PlanContext, 'corrections'> {
  return predicted?.corrections === undefined ? {} : { corrections: correctionsIn(predicted.corrections) };
}

/** The plan's nodes whatever state they are in and whoever uses them: what they are does not change. */
function nodesOf({ nodes: planned = [] }: ParallelPlanSpec, nodes: readonly NodeObject[]) {
  const byName = new Map(nodes.map((node) => [node.metadata?.name, node]));
  const named = planned.map(({ name }) => {
    const node = byName.get(name);
    if (node !== undefined) return usable(node);
    throw new UserError({ problem: `node ${name} of the plan is no longer in the cluster` });
  });
  return readNodes(named, [], {}).nodes;
}

function usable({ metadata, status }: NodeObject): NodeObject {
  const { name = '', labels = {}, annotations = {} } = metadata ?? {};
  return {
    metadata: { name, labels, annotations },
    status: { ...status, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
