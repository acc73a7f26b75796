import test from 'ava';
import { customResourceDefinition, structuralSchema } from '../../src/api/crd.ts';
import { DEFINITIONS } from '../../src/api/definitions.ts';
import { InternalError } from '../../src/api/errors.ts';

test('does not require of the user what has a default', (t) => {
  const properties = { a: { type: 'string' }, b: { type: 'string', default: 'x' } };
  t.deepEqual(structuralSchema({ type: 'object', properties, required: ['a', 'b'], additionalProperties: false }), {
    type: 'object',
    required: ['a'],
    properties,
  });
});

test('leaves out the list of required fields where none is', (t) => {
  const properties = { b: { type: 'string', default: 'x' } };
  t.deepEqual(structuralSchema({ type: 'object', properties, required: ['b'] }), { type: 'object', properties });
});

test('gives no type to what may be a number or a string', (t) => {
  const quantity = { type: 'string', 'x-kubernetes-int-or-string': true };
  t.deepEqual(structuralSchema({ type: 'object', additionalProperties: quantity }), {
    type: 'object',
    additionalProperties: { 'x-kubernetes-int-or-string': true },
  });
});

test('refuses a keyword that would be lost', (t) => {
  const schema = { type: 'array', items: { type: 'string', uniqueItems: true } };
  t.throws(() => structuralSchema(schema), { instanceOf: InternalError, message: /uniqueItems/ });
});

for (const definition of DEFINITIONS) {
  test(`the columns of ${definition.kind} are fields of it`, (t) => {
    const [version] = customResourceDefinition(definition).spec.versions;
    for (const { name, jsonPath } of version?.additionalPrinterColumns ?? []) {
      if (jsonPath === '.metadata.creationTimestamp') continue;
      const steps = jsonPath.split('.').slice(1);
      const field = steps.reduce<unknown>(
        (schema, step) => (schema as { properties?: Record<string, unknown> } | undefined)?.properties?.[step],
        version?.schema.openAPIV3Schema,
      );
      t.truthy(field, `${name}: ${jsonPath}`);
    }
  });
}

test('only what has a status has it as a subresource', (t) => {
  const withStatus = DEFINITIONS.filter(
    (definition) => customResourceDefinition(definition).spec.versions[0]?.subresources !== undefined,
  );
  t.deepEqual(
    withStatus.map(({ kind }) => kind),
    ['TrainingJob'],
  );
});

test('what is measured of hardware belongs to no namespace', (t) => {
  const scopes = DEFINITIONS.map((definition) => [definition.kind, customResourceDefinition(definition).spec.scope]);
  t.deepEqual(Object.fromEntries(scopes), {
    TrainingJob: 'Namespaced',
    ParallelPlan: 'Namespaced',
    ModelProfile: 'Namespaced',
    HardwareProfile: 'Cluster',
  });
});
