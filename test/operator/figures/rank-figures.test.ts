import test from 'ava';
import { parsePrometheusText } from '../../../src/operator/figures/prometheus-text.ts';
import { rankFigures } from '../../../src/operator/figures/rank-figures.ts';

const figures = (text: string) => rankFigures(parsePrometheusText(text));

/** As `uniap-runtime train` serves them, of two ranks; histogram buckets and gauges that are not read left out but one. */
const OF_A_POD = `# HELP uniap_runtime_step_seconds Time of an optimizer step.
# TYPE uniap_runtime_step_seconds histogram
uniap_runtime_step_seconds_sum{job="llama",namespace="research",rank="3",stage="1"} 12.5
uniap_runtime_step_seconds_bucket{job="llama",le="0.05",namespace="research",rank="3",stage="1"} 0.0
uniap_runtime_step_seconds_count{job="llama",namespace="research",rank="3",stage="1"} 10.0
uniap_runtime_step_seconds_sum{job="llama",namespace="research",rank="2",stage="1"} 12.25
uniap_runtime_step_seconds_count{job="llama",namespace="research",rank="2",stage="1"} 10.0
uniap_runtime_peak_memory_bytes{job="llama",namespace="research",rank="3",stage="1"} 3.5e+09
uniap_runtime_loss{job="llama",namespace="research",rank="3",stage="1"} 2.5
`;

test('ranks say steps, seconds and memory', (t) => {
  t.deepEqual(figures(OF_A_POD), [
    { rank: 2, stage: 1, steps: 10, seconds: 12.25, peakBytes: undefined },
    { rank: 3, stage: 1, steps: 10, seconds: 12.5, peakBytes: 3.5e9 },
  ]);
});

for (const [name, text] of [
  ['other metrics', 'process_cpu_seconds_total 12\n'],
  ['a rank that is none', OF_A_POD.replaceAll(/rank="."/g, 'rank="first"')],
  ['a rank without stage', OF_A_POD.replaceAll('stage="1"', 'part="1"')],
  ['times that cannot be', OF_A_POD.replaceAll(/} 12.*/g, '} NaN')],
] as const) {
  test(`nothing is read from ${name}`, (t) => {
    t.deepEqual(figures(text), []);
  });
}
