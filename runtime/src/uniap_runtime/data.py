"""Training data: samples by their index in the order of training, so that a step's samples follow from its number."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniap_runtime.failure import DataError
from uniap_runtime.models.chain import TokenReader

# Token files hold 16-bit numbers where the vocabulary allows it, else 32-bit ones.
SHORT_VOCABULARY = 2**16


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


class TokenFile:
    """A file of nothing but token ids, little-endian. Each epoch reads its samples in an order of its own."""

    def __init__(self, path: Path, vocabulary: int, length: int, seed: int) -> None:
        """Raise DataError where the file is missing or shorter than one sample. It is mapped, not read."""
        try:
            self._tokens = np.memmap(path, np.dtype("<u2" if vocabulary <= SHORT_VOCABULARY else "<u4"), "r")
        except (OSError, ValueError) as error:
            raise DataError(f"no training data in {path}: {error}") from error
        self._vocabulary = vocabulary
        self._path = path
        self._length = length
        self._seed = seed
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)
        # Samples of an epoch. They lie end to end: the last target of one is the first token of the next.
        self.samples = (len(self._tokens) - 1) // length
        if self.samples < 1:
            raise DataError(f"{path} has {len(self._tokens)} tokens, but one sample needs {length + 1}")

    def read(self, index: int) -> NDArray[np.int64]:
        """Tokens of a sample. Raise DataError where they are not in the vocabulary."""
        epoch, place = divmod(index, self.samples)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, np.random.default_rng([self._seed, epoch]).permutation(self.samples)
        start = int(self._order[place]) * self._length
        tokens = self._tokens[start : start + self._length + 1].astype(np.int64)
        if tokens.max() >= self._vocabulary:
            raise DataError(
                f"{self._path}: token {tokens.max()} at or after place {start} is not in the vocabulary of "
                f"{self._vocabulary}; is the file of {self._tokens.dtype.itemsize * 8}-bit numbers?"
            )
        return tokens
