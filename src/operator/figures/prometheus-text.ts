/**
 * Prometheus' text format, version 0.0.4, as far as it is needed to read what programs serve
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */

/** One line: a number by its name and labels. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** Name, labels, value, and the time that may follow. */
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/y;
const UNITS: Readonly<Record<string, number>> = { '+Inf': Infinity, Inf: Infinity, '-Inf': -Infinity, NaN };
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/** @throws {Error} naming the first line that is none of the format */
export function parsePrometheusText(text: string): Sample[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(sampleIn);
}

function sampleIn(line: string): Sample {
  const [, name, labels = '', number = ''] = LINE.exec(line) ?? [];
  const value = UNITS[number] ?? Number(number);
  if (name === undefined || (Number.isNaN(value) && number !== 'NaN')) throw malformed(line);
  return { name, labels: labelsIn(labels, line), value };
}

function labelsIn(text: string, line: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (let rest = text; rest !== '';) {
    LABEL.lastIndex = 0;
    const [whole, name, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name === undefined || value === undefined) throw malformed(line);
    labels.set(
      name,
      value.replace(/\\[\\"n]/g, (escape) => ESCAPES[escape] ?? escape),
    );
    rest = rest.slice(whole.length);
  }
  return labels;
}

function malformed(line: string): Error {
  return new Error(`no line of Prometheus' text format: ${line.slice(0, 200)}`);
}
