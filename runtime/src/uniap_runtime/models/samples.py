"""From tokens to what a model reads and is to predict."""

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from uniap_runtime.models.chain import SampleMaker, Samples, TokenReader

# BERT's masking (arXiv 1810.04805, section 3.1): of the tokens, and of these what is put in their place.
MASKED = 0.15
REPLACED_BY_MASK = 0.8
REPLACED_AT_RANDOM = 0.1

# Where nothing is to be predicted; PyTorch's own number for it.
IGNORED = -100


def causal_samples(read: TokenReader, indices: range) -> Samples:
    """Samples whose targets are the next tokens: `input` and `target`, [samples, length]."""
    tokens = torch.from_numpy(np.stack([read(index) for index in indices]))
    return {"input": tokens[:, :-1], "target": tokens[:, 1:]}


def masked_samples(vocabulary: int, mask: int, *, pairs: bool) -> SampleMaker:
    """Samples some of whose tokens are to be guessed: `input`, `target` and `type`, [samples, length].

    With `pairs`, the second half of a sample has another type and comes from another sample half of the time, and
    `relation` [samples] is 1 where it does. All is drawn from a sample's index.
    """
    return partial(_masked_samples, vocabulary, mask, pairs)


def _masked_samples(vocabulary: int, mask: int, pairs: bool, read: TokenReader, indices: range) -> Samples:
    made = [_masked_sample(vocabulary, mask, pairs, read, index) for index in indices]
    inputs, targets, relations = zip(*made, strict=True)
    length = len(inputs[0])
    types = np.where(np.arange(length) < length // 2, 0, int(pairs))
    return {
        "input": torch.from_numpy(np.stack(inputs)),
        "target": torch.from_numpy(np.stack(targets)),
        "type": torch.from_numpy(np.tile(types, (len(made), 1))),
        "relation": torch.tensor(relations),
    }


def _masked_sample(
    vocabulary: int, mask: int, pairs: bool, read: TokenReader, index: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    random = np.random.default_rng(index)
    tokens = read(index)[:-1]
    length = len(tokens)
    relation = int(random.integers(2)) if pairs else 0
    if relation:
        tokens = np.concatenate((tokens[: length // 2], read(index + 1)[length // 2 : length]))
    chosen = random.permutation(length)[: masked_tokens(length)]
    targets = np.full(length, IGNORED, dtype=np.int64)
    targets[chosen] = tokens[chosen]
    lots = random.random(len(chosen))
    by_random = random.integers(vocabulary, size=len(chosen))
    tokens[chosen] = np.select(
        [lots < REPLACED_BY_MASK, lots < REPLACED_BY_MASK + REPLACED_AT_RANDOM], [mask, by_random], tokens[chosen]
    )
    return tokens, targets, relation


def masked_tokens(length: int) -> int:
    """Tokens of a sample that are to be guessed: the same number in each."""
    return max(1, round(MASKED * length))
