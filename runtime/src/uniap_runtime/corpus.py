"""Token ids end to end, as they lie on a volume: in a token file, or in a Hugging Face dataset. Mapped, not read."""

import json
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
from numpy.typing import NDArray

from uniap_runtime.failure import DataError

# Token files hold 16-bit numbers where the vocabulary allows it, else 32-bit ones.
SHORT_VOCABULARY = 2**16

# The column that tokenizers of Hugging Face make.
COLUMN = "input_ids"

# What `save_to_disk` of the library `datasets` writes into the folder of a dataset, and into that of its splits.
DATASET, SPLITS = "state.json", "dataset_dict.json"


class Corpus:
    """Tokens of one vocabulary."""

    def __init__(self, path: Path, vocabulary: int) -> None:
        """Raise DataError where there are none. A file is a token file, a folder a dataset's."""
        self.path = path
        self._vocabulary = vocabulary
        try:
            self._pieces = list(_dataset(path) if path.is_dir() else _token_file(path, vocabulary))
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"no training data in {path}: {error}") from error
        # Where each piece begins, and where the last one ends.
        self._starts = [0, *accumulate(len(piece) for piece in self._pieces)]

    def __len__(self) -> int:
        """Number of tokens."""
        return self._starts[-1]

    def read(self, start: int, length: int) -> NDArray[np.int64]:
        """Tokens from a place on. Raise DataError where they are not in the vocabulary."""
        tokens = np.concatenate(list(self._parts(start, start + length))).astype(np.int64)
        wrong = tokens[(tokens < 0) | (tokens >= self._vocabulary)]
        if len(wrong) > 0:
            bits = self._pieces[0].dtype.itemsize * 8
            raise DataError(
                f"{self.path}: token {wrong[0]} at or after place {start}, read as {bits} bits, is not in the "
                f"vocabulary of {self._vocabulary}"
            )
        return tokens

    def _parts(self, start: int, stop: int) -> Iterator[NDArray[Any]]:
        for index in range(bisect_right(self._starts, start) - 1, len(self._pieces)):
            first = self._starts[index]
            if first >= stop:
                return
            yield self._pieces[index][max(0, start - first) : stop - first]


def _token_file(path: Path, vocabulary: int) -> Iterator[NDArray[Any]]:
    yield np.memmap(path, "<u2" if vocabulary <= SHORT_VOCABULARY else "<u4", "r")


def _dataset(folder: Path) -> Iterator[NDArray[Any]]:
    """Rows end to end, of all files in their order."""
    if (folder / SPLITS).exists():
        splits = json.loads((folder / SPLITS).read_text())["splits"]
        raise ValueError(f"it has the splits {', '.join(splits)}: name one, as {folder / splits[0]}")
    if not (folder / DATASET).exists():
        raise ValueError("it is no dataset that save_to_disk has written")
    for file in json.loads((folder / DATASET).read_text())["_data_files"]:
        table = arrow.ipc.open_stream(arrow.memory_map(str(folder / file["filename"]))).read_all()
        if COLUMN not in table.column_names:
            raise ValueError(f"it has the columns {', '.join(table.column_names)}, but no {COLUMN}: tokenize it first")
        for rows in table[COLUMN].chunks:
            yield rows.flatten().to_numpy()
