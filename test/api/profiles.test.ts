import test from 'ava';
import { InvalidDocumentError } from '../../src/api/errors.ts';
import { HardwareProfile } from '../../src/api/hardware-profile.ts';
import { ModelProfile } from '../../src/api/model-profile.ts';
import { parseResource } from '../../src/api/parse.ts';
import { modelProfile, PROFILE_CASES } from './profile-cases.ts';

for (const { name, document, refused } of PROFILE_CASES) {
  test(`${refused ? 'refuses' : 'takes'} ${name}`, (t) => {
    const parse = () => parseResource(document.kind === 'ModelProfile' ? ModelProfile : HardwareProfile, document);
    if (refused === undefined) {
      t.notThrows(parse);
      return;
    }
    const { errors } = t.throws(parse, { instanceOf: InvalidDocumentError });
    const said = errors.map(({ field, problem, remedy }) => [field, [problem, remedy ?? []].flat().join('; ')]);
    t.is(said.length, Object.keys(refused).length);
    for (const [index, [field, words]] of Object.entries(refused).entries()) {
      t.is(said[index]?.[0], field);
      t.true(said[index]?.[1]?.startsWith(words), said[index]?.[1]);
    }
  });
}

test('fills in what a shape leaves out', (t) => {
  const [layers] = parseResource(ModelProfile, modelProfile()).spec.layers;
  t.is(layers?.exchange, 'Excluded');
  t.like(layers?.times[0], { tensor: 1, sequenceParallel: false, recomputation: 'None' });
});
