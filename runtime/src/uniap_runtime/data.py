"""Training data: samples by their index in the order of training, so that a step's samples follow from its number."""

import numpy as np
from numpy.typing import NDArray

from uniap_runtime.corpus import Corpus
from uniap_runtime.failure import DataError
from uniap_runtime.models.chain import TokenReader


def synthetic_tokens(seed: int, vocabulary: int, length: int) -> TokenReader:
    """Random sequences that can be learnt: each token follows from the one before, by a rule that the seed sets."""
    following = np.random.default_rng(seed).permutation(vocabulary)

    def read(index: int) -> NDArray[np.int64]:
        tokens = np.empty(length + 1, dtype=np.int64)
        tokens[0] = np.random.default_rng([seed, index]).integers(vocabulary)
        for place in range(1, length + 1):
            tokens[place] = following[tokens[place - 1]]
        return tokens

    return read


class Shuffled:
    """The samples of a corpus. Each epoch reads them in an order of its own."""

    def __init__(self, corpus: Corpus, length: int, seed: int) -> None:
        """Raise DataError where the corpus is shorter than one sample."""
        self._corpus = corpus
        self._length = length
        self._seed = seed
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)
        # Samples of an epoch. They lie end to end: the last target of one is the first token of the next.
        self.samples = (len(corpus) - 1) // length
        if self.samples < 1:
            raise DataError(f"{corpus.path} has {len(corpus)} tokens, but one sample needs {length + 1}")

    def read(self, index: int) -> NDArray[np.int64]:
        """Tokens of a sample."""
        epoch, place = divmod(index, self.samples)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, np.random.default_rng([self._seed, epoch]).permutation(self.samples)
        return self._corpus.read(int(self._order[place]) * self._length, self._length + 1)
