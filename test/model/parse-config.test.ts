import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { parseConfig } from '../../src/model/config/parse-config.ts';

test('takes a JSON object as it is', (t) => {
  t.deepEqual(parseConfig('{"model_type": "llama"}', 'config.json'), { model_type: 'llama' });
});

for (const { text, message } of [
  { text: '{"model_type": ', message: /^model\.json: not JSON: .*; give a Hugging Face config\.json$/ },
  { text: '[1]', message: /^model\.json: not a JSON object; give a Hugging Face config\.json$/ },
  { text: 'null', message: /^model\.json: not a JSON object/ },
]) {
  test(`refuses ${text}`, (t) => {
    t.throws(() => parseConfig(text, 'model.json'), { instanceOf: UserError, message });
  });
}
