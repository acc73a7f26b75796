import test from 'ava';
import { formatFieldPath, valueAt } from '../../src/api/field-path.ts';

for (const [path, text] of [
  [['spec', 'template', 'env', 0, 'name'], 'spec.template.env[0].name'],
  [['spec', 'labels', 'example.com/team'], 'spec.labels["example.com/team"]'],
  [[0], '[0]'],
  [[], ''],
] as const) {
  test(`writes ${JSON.stringify(path)}`, (t) => {
    t.is(formatFieldPath(path), text);
  });
}

test('finds values, and nothing where nothing is', (t) => {
  const document = { spec: { list: [{ name: 'a' }] } };
  t.is(valueAt(document, ['spec', 'list', 0, 'name']), 'a');
  t.is(valueAt(document, ['spec', 'list', 1, 'name']), undefined);
  t.is(valueAt(document, ['constructor']), undefined);
  t.is(valueAt(null, ['spec']), undefined);
});
