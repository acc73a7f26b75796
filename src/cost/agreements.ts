/** In which ways layers that must agree can do so. Each way is a candidate of its own, so that the planner need not know of it. */
import { at } from '../planner/at.ts';
import { engineLimits, splitsTokens } from './engines.ts';
import { groupsOf, isTied, placedLayers, tiedLayers, type PlacedLayer } from './layers.ts';
import type { Layout } from './price.ts';
import { agrees, strategiesOf } from './strategies.ts';
import type { Agreement, AgreementRule, Candidate, Strategy, Workload } from './workload.ts';

/** How the parameters of a layer lie on the ranks of a stage: those of a tied weight are one tensor in all its layers. */
export const PARAMETER_LAYOUT = ['tensor', 'replicas', 'shards', 'zeroStage'] as const satisfies (keyof Strategy)[];

/** Interleaved stages are planned with one layout of activations ({@link ./interleaving.ts}). */
const ACTIVATION_LAYOUT = ['tensor', 'sequenceParallel'] as const satisfies (keyof Strategy)[];

/**
 * Every way in which the layers of a candidate can agree where engine and schedule ask for it; one way without any demand where
 * nothing does.
 */
export function agreementsOf(workload: Workload, shape: Candidate): readonly Agreement[] {
  const { rules, choices } = engineLimits(workload.planning.engine);
  const interleaved = shape.virtualStages > 1 ? [{ group: 'all', on: ACTIVATION_LAYOUT } as const] : [];
  return [...rules, ...interleaved].reduce<readonly Agreement[]>(
    (ways, rule) => ways.flatMap((way) => waysOf(rule, way, workload, shape)),
    choices(shape),
  );
}

/**
 * Candidates that together have all layouts of a candidate in which tied layers lie alike, one for each way; none where they do
 * in the layout given. Most plans are ruled out before they are looked at so closely.
 */
export function tiedParts(workload: Workload, candidate: Candidate, { strategies }: Layout): readonly Candidate[] {
  const alike = tiedLayers(workload.model.layers).every((layers) =>
    layers.every((layer) =>
      PARAMETER_LAYOUT.every((field) => at(strategies, layer)[field] === at(strategies, at(layers, 0))[field]),
    ),
  );
  return alike ? [] : tiedCandidates(workload, candidate);
}

/** A candidate for each way in which the tied layers of a candidate can lie alike; the candidate itself where none are tied. */
export function tiedCandidates(workload: Workload, candidate: Candidate): readonly Candidate[] {
  return placedLayers(workload.model.layers).some(isTied)
    ? waysOf(TIED, candidate.only ?? {}, workload, candidate).map((only) => ({ ...candidate, only }))
    : [candidate];
}

const TIED: AgreementRule = { group: 'tied', on: PARAMETER_LAYOUT };

/** One agreement for each value of the rule's fields that every layer of the group can have. */
function waysOf(
  { group, on }: AgreementRule,
  way: Agreement,
  workload: Workload,
  shape: Candidate,
): readonly Agreement[] {
  const layers = [...new Set(placedLayers(workload.model.layers))];
  const members = layers.filter((placed) => groupsOf(placed).includes(group));
  const strategies = strategiesOf(workload, { ...shape, only: way });
  const valuesOf = (placed: PlacedLayer): ReadonlyMap<string, Partial<Strategy>> =>
    new Map(
      strategies
        .filter(
          (strategy) =>
            canHave(placed, strategy, way) && splitsTokens(workload.planning.engine, placed.layer, strategy),
        )
        .map((strategy) => {
          const value = Object.fromEntries(on.map((field) => [field, strategy[field]]));
          return [JSON.stringify(value), value]; // fromEntries forgets the names of the fields
        }),
    );
  const [first, ...others] = members.map(valuesOf);
  if (first === undefined) return [way];
  return [...first]
    .filter(([key]) => others.every((values) => values.has(key)))
    .map(([, value]) => ({ ...way, [group]: { ...way[group], ...value } }));
}

/** Whether a layer can be split so, and keeps to what its groups agree on. */
export function canHave(placed: PlacedLayer, strategy: Strategy, only: Agreement = {}): boolean {
  return (
    placed.layer.tensorDegrees.includes(strategy.tensor) &&
    groupsOf(placed).every((group) => agrees(strategy, only[group]))
  );
}
