"""Samples follow from their index alone."""

from pathlib import Path

import numpy as np
import pytest

from uniap_runtime.corpus import Corpus
from uniap_runtime.data import Shuffled, synthetic_tokens
from uniap_runtime.failure import DataError
from uniap_runtime.models.samples import IGNORED, causal_samples, masked_samples, masked_tokens

LENGTH = 4


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Five samples and a bit: tokens 0, 1, 2, ..."""
    path = tmp_path / "tokens.bin"
    np.arange(5 * LENGTH + 3, dtype="<u2").tofile(path)
    return path


def starts(tokens: Shuffled, indices: range) -> list[int]:
    """First token of each sample."""
    return [int(tokens.read(index)[0]) for index in indices]


def test_an_epoch_has_every_sample_once(file: Path) -> None:
    """In an order that differs between epochs."""
    tokens = Shuffled(Corpus(file, 100), LENGTH, seed=1)
    first, second = starts(tokens, range(5)), starts(tokens, range(5, 10))
    assert sorted(first) == sorted(second) == [0, 4, 8, 12, 16]
    assert first != second


def test_a_sample_is_the_same_whenever_it_is_read(file: Path) -> None:
    """So a training that continues reads on where it ended, without having read what was before."""
    whole = starts(Shuffled(Corpus(file, 100), LENGTH, seed=1), range(10))
    assert starts(Shuffled(Corpus(file, 100), LENGTH, seed=1), range(7, 10)) == whole[7:]


def test_targets_are_the_next_tokens(file: Path) -> None:
    """Within a sample, and after its last token."""
    samples = causal_samples(Shuffled(Corpus(file, 100), LENGTH, seed=1).read, range(5))
    assert (samples["target"] == samples["input"] + 1).all()
    assert samples["input"].shape == (5, LENGTH)


def test_large_vocabularies_have_32_bit_files(tmp_path: Path) -> None:
    """As their ids need."""
    path = tmp_path / "tokens.bin"
    (np.arange(LENGTH + 1, dtype="<u4") + 2**16).tofile(path)
    assert Corpus(path, 2**17).read(0, LENGTH + 1).tolist() == [65536, 65537, 65538, 65539, 65540]


def test_what_is_wrong_with_data_is_said(file: Path, tmp_path: Path) -> None:
    """Missing, too short, of another vocabulary."""
    with pytest.raises(DataError, match=r"no training data in .*nowhere"):
        Corpus(tmp_path / "nowhere", 100)
    with pytest.raises(DataError, match="has 23 tokens, but one sample needs 101"):
        Shuffled(Corpus(file, 100), 100, seed=0)
    with pytest.raises(DataError, match="is not in the vocabulary of 10"):
        causal_samples(Shuffled(Corpus(file, 10), LENGTH, seed=0).read, range(5))


def test_synthetic_samples_can_be_learnt() -> None:
    """A token always has the same successor; sequences begin differently."""
    read = synthetic_tokens(0, 10, 50)
    pairs = {(int(a), int(b)) for index in range(5) for a, b in zip(read(index), read(index)[1:], strict=False)}
    assert len({a for a, _ in pairs}) == len(pairs)
    assert len({int(read(index)[0]) for index in range(20)}) > 3


def test_masked_samples_hide_as_many_tokens_each(file: Path) -> None:
    """Where a target stands, the input is the mask, another token, or the target; elsewhere it is not changed."""
    read = Shuffled(Corpus(file, 100), 20, seed=1).read
    samples = masked_samples(100, 99, pairs=False)(read, range(8))
    hidden = samples["target"] != IGNORED
    assert (hidden.sum(1) == masked_tokens(20)).all()
    original = causal_samples(read, range(8))["input"]
    assert (samples["input"][~hidden] == original[~hidden]).all()
    assert (samples["target"][hidden] == original[hidden]).all()
    assert (samples["input"][hidden] == 99).float().mean() > 0.5


def test_halves_of_pairs_belong_together_or_not(file: Path) -> None:
    """`relation` says so, and the halves have different types."""
    read = Shuffled(Corpus(file, 100), LENGTH, seed=1).read
    samples = masked_samples(100, 99, pairs=True)(read, range(4))
    assert samples["type"].tolist() == [[0, 0, 1, 1]] * 4
    assert set(samples["relation"].tolist()) == {0, 1}
