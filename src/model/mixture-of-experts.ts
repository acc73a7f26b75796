/** Mixtures of experts are refused by name, since a config that looks like Llama's would be counted as dense. */
import { UserError } from '../api/errors.ts';
import type { Config } from './config/read-config.ts';

/** Fields in which mixtures of experts say how many experts they have (Mixtral, Qwen-MoE, DeepSeek, Switch). */
const EXPERT_COUNTS = ['num_local_experts', 'num_experts', 'n_routed_experts', 'moe_num_experts'];

const MODEL_TYPES = /mixtral|moe|deepseek_v[23]|dbrx|switch_transformers|llama4/;

/** @throws UserError */
export function refuseMixtureOfExperts(config: Config): void {
  const modelType = config.model_type;
  const sign = EXPERT_COUNTS.find((field) => (config[field] ?? 0) !== 0 && config[field] !== 1);
  if (sign === undefined && !(typeof modelType === 'string' && MODEL_TYPES.test(modelType))) return;
  throw new UserError({
    problem: `config.json of a mixture of experts (${sign ?? `model_type ${String(modelType)}`}): experts cannot be planned yet`,
    remedy: 'give the model as spec.model.layers',
  });
}
