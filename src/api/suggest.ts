/** "did you mean": for misspelt words. */
import { distance } from 'fastest-levenshtein';

/**
 * Of `words` the nearest to what was written, if any is near: at most two in five characters differ. Letters' case and
 * punctuation do not count.
 */
export function nearest(written: string, words: readonly string[]): string | undefined {
  const plain = bare(written);
  const [best] = words
    .map((word) => ({ word, edits: distance(plain, bare(word)) }))
    .toSorted((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.floor(plain.length * 0.4) ? best.word : undefined;
}

function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** "did you mean planning?", or undefined where no word is near. */
export function didYouMean(written: string, words: readonly string[]): string | undefined {
  const word = nearest(written, words);
  return word === undefined ? undefined : `did you mean ${word}?`;
}
