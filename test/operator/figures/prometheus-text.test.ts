import test from 'ava';
import { Gauge, Histogram, Registry } from 'prom-client';
import fc from 'fast-check';
import { parsePrometheusText } from '../../../src/operator/figures/prometheus-text.ts';

const parsed = (text: string) =>
  parsePrometheusText(text).map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]);

test('samples are read with their labels, comments are not', (t) => {
  const text = `# HELP a Some help.
# TYPE a gauge
a{stage="0",rank="1"} 1.5e+09

b 3 1700000000000
c{} -Inf
d{text="a \\"quoted\\" \\\\ line\\n} 7",} NaN
`;
  t.deepEqual(parsed(text), [
    ['a', { stage: '0', rank: '1' }, 1.5e9],
    ['b', {}, 3],
    ['c', {}, -Infinity],
    ['d', { text: 'a "quoted" \\ line\n} 7' }, NaN],
  ]);
});

for (const line of ['a', 'a{b} 1', 'a{b="c" 1', 'a{b="c"d="e"} 1', '0a 1', 'a one', 'a{b="c} 1', '<html>']) {
  test(`refused: ${line}`, (t) => {
    t.throws(() => parsePrometheusText(`b 1\n${line}\n`), { message: `no line of Prometheus' text format: ${line}` });
  });
}

test("what a client library writes is read, whatever a label's value", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.double({ noNaN: true }), async (text, value) => {
      const registers = [new Registry()];
      new Gauge({ name: 'g', help: 'help', labelNames: ['l'], registers }).set({ l: text }, value);
      const [sample] = parsePrometheusText((await registers[0]?.metrics()) ?? '');
      t.is(sample?.labels.get('l'), text);
      t.is(sample?.value, value === 0 ? 0 : value);
    }),
  );
});

test('a histogram gives its sum and count', async (t) => {
  const registry = new Registry();
  const histogram = new Histogram({ name: 'h', help: 'help', registers: [registry] });
  histogram.observe(0.5);
  histogram.observe(1);
  const samples = parsePrometheusText(await registry.metrics());
  const valueOf = (wanted: string) => samples.find(({ name }) => name === wanted)?.value;
  t.deepEqual([valueOf('h_sum'), valueOf('h_count')], [1.5, 2]);
});
