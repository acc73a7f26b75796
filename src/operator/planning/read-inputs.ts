import { UserError } from '../../api/errors.ts';
import { parseConfig } from '../../model/config/parse-config.ts';
import { PRESETS } from '../../model/presets.ts';
import { memoryFactorOf } from '../decide/out-of-memory.ts';
import type { JobInputs } from '../decide/state.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { TrainingJob } from '../kubernetes/custom-resources.ts';
import { RESOURCE } from '../kubernetes/resources.ts';

/** Reads the objects that a job names: the ConfigMap with its model and the plan of a user's own. */
export async function readInputs(
  job: TrainingJob,
  { client, view }: { readonly client: KubernetesClient; readonly view: ClusterView },
): Promise<JobInputs> {
  const { namespace } = job.metadata;
  const { planName } = job.spec.planning;
  const suppliedPlan = planName === undefined ? undefined : view.plans.get(namespace, planName);
  if (planName !== undefined && suppliedPlan === undefined) {
    return missing(`spec.planning.planName: there is no ParallelPlan ${planName} in namespace ${namespace}`);
  }
  const model = await readModel(job, client);
  if (model.kind !== 'ready') return model;
  if (suppliedPlan !== undefined) return { ...model, suppliedPlan: suppliedPlan.spec };
  const memoryFactor = memoryFactorOf(job.status);
  return { ...model, ...(memoryFactor !== undefined && { memoryFactor }) };
}

/** Reads what a job trains. */
export async function readModel({ metadata, spec }: TrainingJob, client: KubernetesClient): Promise<JobInputs> {
  const { configMap } = spec.model;
  if (configMap === undefined) return { kind: 'ready', config: configOf(spec.model) };

  const { namespace } = metadata;
  const { name, key } = configMap;
  const object = await client.get(RESOURCE.configMap, name, namespace);
  if (object === undefined) {
    return missing(`spec.model.configMap: there is no ConfigMap ${name} in namespace ${namespace}`);
  }
  const text = object.data?.[key];
  if (text === undefined) {
    return missing(`spec.model.configMap: ConfigMap ${name} has no key ${key}${hint(object.data)}`);
  }
  return parse(text, `spec.model.configMap: key ${key} of ConfigMap ${name}`);
}

/** Null where the job gives its layers by their sizes. */
function configOf({ preset, config }: TrainingJob['spec']['model']): Readonly<Record<string, unknown>> | null {
  return preset === undefined ? (config ?? null) : PRESETS[preset].config;
}

function parse(text: string, source: string): JobInputs {
  try {
    return { kind: 'ready', config: parseConfig(text, source) };
  } catch (error) {
    if (error instanceof UserError) return { kind: 'invalid', message: error.message };
    throw error;
  }
}

function missing(message: string): JobInputs {
  return { kind: 'missing', message };
}

function hint(data: Readonly<Record<string, string>> = {}): string {
  const keys = Object.keys(data);
  return keys.length === 0 ? '' : `; it has ${keys.slice(0, 5).join(', ')}`;
}
