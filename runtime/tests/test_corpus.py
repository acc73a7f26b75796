"""Datasets as the library `datasets` writes them."""

from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset, DatasetDict, disable_progress_bars

from uniap_runtime.corpus import Corpus
from uniap_runtime.failure import DataError

disable_progress_bars()

# Ten rows, of 1 to 10 tokens: 0, 1 2, 3 4 5, ...
ROWS = [[start + place for place in range(length)] for length, start in ((n, n * (n - 1) // 2) for n in range(1, 11))]
TOKENS = 55


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset in three files, with another column beside the tokens."""
    rows = Dataset.from_dict({"input_ids": ROWS, "attention_mask": [[1] * len(row) for row in ROWS]})
    rows.save_to_disk(tmp_path / "dataset", num_shards=3)
    return tmp_path / "dataset"


def test_rows_of_a_dataset_lie_end_to_end(folder: Path) -> None:
    """Within a row, across rows, and across files."""
    corpus = Corpus(folder, 100)
    assert len(corpus) == TOKENS
    for start in range(TOKENS):
        for length in (1, 7, TOKENS - start):
            expected = np.arange(start, min(start + length, TOKENS))
            assert corpus.read(start, length).tolist() == expected.tolist()


def test_rows_that_were_left_out_or_moved_stay_so(tmp_path: Path) -> None:
    """A dataset that was selected from and sorted is written as it is then."""
    Dataset.from_dict({"input_ids": ROWS}).select([4, 1]).save_to_disk(tmp_path / "dataset")
    assert Corpus(tmp_path / "dataset", 100).read(0, 7).tolist() == [*ROWS[4], *ROWS[1]]


def test_what_is_wrong_with_a_dataset_is_said(folder: Path, tmp_path: Path) -> None:
    """Splits, text, another folder, another vocabulary."""
    DatasetDict({"train": Dataset.from_dict({"text": ["a"]})}).save_to_disk(tmp_path / "splits")
    with pytest.raises(DataError, match=r"it has the splits train: name one, as .*/splits/train"):
        Corpus(tmp_path / "splits", 100)
    with pytest.raises(DataError, match="it has the columns text, but no input_ids: tokenize it first"):
        Corpus(tmp_path / "splits" / "train", 100)
    with pytest.raises(DataError, match="it is no dataset that save_to_disk has written"):
        Corpus(tmp_path, 100)
    with pytest.raises(DataError, match="token 50 at or after place 45, read as 32 bits, is not in the"):
        Corpus(folder, 50).read(45, 10)
