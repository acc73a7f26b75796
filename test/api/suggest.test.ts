import test from 'ava';
import { didYouMean, nearest } from '../../src/api/suggest.ts';

const WORDS = ['planning', 'resources', 'template', 'llama-7b', 'llama-2-7b'];

for (const [written, word] of [
  ['planing', 'planning'],
  ['Planning', 'planning'],
  ['resource', 'resources'],
  ['tmeplate', 'template'],
  ['llama2-7b', 'llama-2-7b'],
  ['LLAMA_7B', 'llama-7b'],
  ['gpus', undefined],
  ['', undefined],
] as const) {
  test(`"${written}" is near ${word ?? 'nothing'}`, (t) => {
    t.is(nearest(written, WORDS), word);
  });
}

test('asks', (t) => {
  t.is(didYouMean('planing', WORDS), 'did you mean planning?');
  t.is(didYouMean('planing', []), undefined);
});
