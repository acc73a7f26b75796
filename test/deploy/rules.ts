/** The rules of the PrometheusRule as Prometheus itself reads them: without the object around them. */
import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';

export const RULE_FILE = 'deploy/components/monitoring/prometheus-rule.yaml';

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export async function readRules(): Promise<Rules> {
  return (parse(await readFile(RULE_FILE, 'utf8')) as { readonly spec: Rules }).spec;
}

/** What a rule file holds. */
export async function rulesText(): Promise<string> {
  return stringify(await readRules());
}
