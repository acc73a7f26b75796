import test from 'ava';
import type { ModelProfile } from '../../../src/api/model-profile.ts';
import type { ActualFigures } from '../../../src/api/training-job-status.ts';
import { decide } from '../../../src/operator/decide/decide.ts';
import type { Decision } from '../../../src/operator/decide/decision.ts';
import type { ModelProfile as StoredProfile } from '../../../src/operator/kubernetes/custom-resources.ts';
import { ago, aRunningState, NOW, type StateBuilder } from '../state-builder.ts';

const PREDICTED = {
  stepSeconds: '2',
  samplesPerSecond: '32',
  modelFlopsUtilisation: '0.4',
  memoryLimitBytes: 6e10,
  limitedBy: 'computation',
  computationSeconds: '1.5',
  communicationSeconds: '0.5',
};
const ACTUAL: ActualFigures = {
  stepSeconds: '2.3',
  samplesPerSecond: '27.8',
  stepRatio: '1.15',
  memoryRatio: '1.05',
  steps: 100,
  revision: 1,
  time: ago(20),
};

/** A job whose pods have all succeeded, after it was measured. */
function aFinishingState(actual: Partial<ActualFigures> = {}): StateBuilder {
  return aRunningState()
    .with({ plans: [], pods: [] })
    .pods('Succeeded', 'Succeeded')
    .planned({ device: 'H100-SXM', predicted: PREDICTED })
    .status({ actual: { ...ACTUAL, ...actual } });
}

function keptBy({ keep }: Decision): ModelProfile {
  return keep as ModelProfile; // the only kind that is kept
}

test('a run is kept when its job succeeds', (t) => {
  const { metadata, spec } = keptBy(decide(aFinishingState().build()));
  t.regex(metadata.name, /^llama-2-7b-h100-sxm-runs-[0-9a-f]{16}$/);
  t.like(metadata, { namespace: 'research', labels: { 'uniap.dev/measured-in': 'research' } });
  t.like(spec, {
    model: 'llama-2-7b',
    precision: 'BF16',
    sequenceLength: 4096,
    layers: [],
    provenance: { device: 'H100-SXM' },
  });
  t.deepEqual(spec.corrections, {
    computation: '1.2',
    communication: '1',
    memory: '1.05',
    runs: [
      {
        plan: 'research/llama-1',
        date: ago(20),
        steps: 100,
        stepSeconds: '2.3',
        computationSeconds: '1.5',
        communicationSeconds: '0.5',
        memoryRatio: '1.05',
      },
    ],
  });
});

test('runs of before are kept with it', (t) => {
  const first = keptBy(decide(aFinishingState().build()));
  const [run] = first.spec.corrections?.runs ?? [];
  t.truthy(run);
  const corrections = {
    computation: '1',
    communication: '1',
    memory: '1',
    runs: run ? [{ ...run, plan: 'research/bert-1', date: ago(9000) }] : [],
  };
  const stored: StoredProfile = {
    apiVersion: 'uniap.dev/v1alpha1',
    kind: 'ModelProfile',
    metadata: { name: first.metadata.name, uid: 'profile', resourceVersion: '1', creationTimestamp: ago(9000) },
    spec: { ...first.spec, corrections },
  };
  const { spec } = keptBy(
    decide(
      aFinishingState()
        .with({ modelProfiles: [stored] })
        .build(),
    ),
  );
  t.deepEqual(
    spec.corrections?.runs.map(({ plan }) => plan),
    ['research/bert-1', 'research/llama-1'],
  );
});

test('a run is kept when its steps are seen to differ from what was planned, and then no more', (t) => {
  const figures = { stepSeconds: 3, steps: 150, spanSeconds: 300, memoryBytes: new Map<number, number>() };
  const state = () =>
    aRunningState().with({ plans: [], figures }).planned({ device: 'H100-SXM', predicted: PREDICTED });
  const { keep, status } = decide(state().build());
  t.is(status?.conditions?.find(({ type }) => type === 'PlanDrift')?.reason, 'SlowerThanPlanned');
  t.is(keptBy({ keep } as Decision).spec.corrections?.computation, figureOf((3 - 0.5) / 1.5));
  t.is(decide(state().condition('PlanDrift', 'SlowerThanPlanned').build()).keep, undefined);
});

function figureOf(number: number): string {
  return String(Number(number.toPrecision(6)));
}

const nothing: readonly (readonly [string, StateBuilder])[] = [
  [
    'the job was planned without profiles',
    aFinishingState()
      .choices({ profile: 'Never' })
      .with({ plans: [] })
      .planned({ device: 'H100-SXM', predicted: PREDICTED }),
  ],
  [
    'nothing was measured',
    aRunningState()
      .with({ plans: [], pods: [] })
      .pods('Succeeded', 'Succeeded')
      .planned({ device: 'H100-SXM', predicted: PREDICTED }),
  ],
  ['too few steps were', aFinishingState({ steps: 9 })],
  ['the figures are of another plan', aFinishingState({ revision: 3 })],
  ['the plan says nothing of what it predicts', aFinishingState().with({ plans: [] }).planned({ device: 'H100-SXM' })],
  ['what the job names is gone', aFinishingState().with({ inputs: { kind: 'missing', message: 'no ConfigMap' } })],
  [
    'what the job names is another model now',
    aFinishingState().with({ inputs: { kind: 'ready', config: { model_type: 'unheard-of' } } }),
  ],
  [
    'it goes on as planned',
    aRunningState()
      .with({ plans: [] })
      .planned({ device: 'H100-SXM', predicted: PREDICTED })
      .status({ actual: ACTUAL }),
  ],
];
for (const [why, state] of nothing) {
  test(`nothing is kept: ${why}`, (t) => {
    t.is(decide(state.build()).keep, undefined);
  });
}

test('what is kept says when', (t) => {
  t.is(keptBy(decide(aFinishingState().build())).spec.provenance.date, new Date(NOW).toISOString());
});
