"""How like the thesis author's strings ours are, and what decides them without recurrence.

    python -m validation.statistics.measure_strings [DIR] [--rounds 10] [--draws 5]

DIR is a checkout of his repository; without it, our two data sets are measured alone. Prints the
tables of docs/reference/strings.md: accuracies on test strings of what reads no sequence (floors),
and distances of lengths and letters. Floors move by chance with the strings to test on, so that
ours are measured for some seeds, and his once more with his strings dealt anew. The yardstick of
distances is how far draws by random walks, as he made his, are from each other.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from sparsebench.engines.floors import floors_of, judged
from sparsebench.parts.author_like import languages
from sparsebench.parts.examples import Halves
from sparsebench.parts.reber import END, REBER, SHORTEST, START, Diagram
from sparsebench.parts.string_statistics import apart
from sparsebench.parts.strings import encode, generate_strings
from sparsebench.report.markdown import table
from sparsebench.values.protocol import NEGATIVES, ReberStrings
from sparsebench.values.seeding import stream

Labelled = Sequence[tuple[str, int]]

FILES = ("train_data.csv", "test_data.csv")


@dataclass(frozen=True)
class Strings:
    """A data set: labelled strings (1: valid) to train and to test on."""

    train: Labelled
    test: Labelled

    def of(self, label: int | None = None) -> list[str]:
        """The strings of both halves, or those of one class."""
        return [text for text, its in (*self.train, *self.test) if label in (None, its)]


def ours(negatives: str, sizes: Sequence[int], seed: int) -> Strings:
    """Strings that are generated here."""
    train_valid, train_invalid, test_valid, test_invalid = sizes
    spec = ReberStrings(train_valid, train_invalid, test_valid, test_invalid, seed, negatives)
    return Strings(*generate_strings(spec))


def theirs(artifacts: Path) -> Strings:
    """The strings of the author's files."""
    halves = []
    for name in FILES:
        path = artifacts / "Implementations" / "dataset" / name
        with path.open(encoding="utf-8", newline="") as file:
            halves.append([(row["string"], int(row["valid"])) for row in csv.DictReader(file)])
    return Strings(*halves)


def dealt(valid: Sequence[str], invalid: Sequence[str], sizes: Sequence[int], seed: int) -> Strings:
    """Strings dealt out by chance to train and to test on."""
    random = stream("dealt", seed)
    train: list[tuple[str, int]] = []
    test: list[tuple[str, int]] = []
    for texts, label, cut in ((valid, 1, sizes[0]), (invalid, 0, sizes[1])):
        order = random.permutation(len(texts))
        train += [(texts[place], label) for place in order[:cut]]
        test += [(texts[place], label) for place in order[cut:]]
    return Strings(train, test)


def floors(data: Strings) -> dict[str, float]:
    """Test accuracy of each method without recurrence (`sparsebench.engines.floors`)."""
    train, test = (encode(*zip(*half, strict=True)) for half in (data.train, data.test))
    found = floors_of(Halves(train, test), ReberStrings.classes)
    return {name: judged(said, test)["accuracy"] for name, said in found.items()}


# Distances


def apart_in_length(one: Sequence[str], other: Sequence[str]) -> float:
    """Total variation distance of two histograms of lengths."""
    return apart(*(np.bincount([*map(len, side)]).tolist() for side in (one, other)))


def apart_in_letters(one: Sequence[str], other: Sequence[str]) -> float:
    """The largest difference between shares of strings that have some letter at some place."""
    longest = max(map(len, (*one, *other)))
    return max(
        _differences(*([text[place : place + 1] for text in side] for side in (one, other))).max()
        for place in range(longest)
    )


def _differences(one: object, other: object) -> np.ndarray:
    """For everything that is counted, by how much two shares differ."""
    first, second = Counter(one), Counter(other)  # type: ignore[call-overload]
    shares = (
        first[each] / first.total() - second[each] / second.total() for each in first | second
    )
    return np.abs(np.fromiter(shares, float))


DISTANCES: dict[str, tuple[Callable[[Sequence[str], Sequence[str]], float], int | None]] = {
    "lengths, all strings": (apart_in_length, None),
    "lengths, valid strings": (apart_in_length, 1),
    "lengths, invalid strings": (apart_in_length, 0),
    "a letter at a place, valid strings": (apart_in_letters, 1),
    "a letter at a place, invalid strings": (apart_in_letters, 0),
}


def distances(one: Strings, other: Strings) -> dict[str, float]:
    """All distances of two data sets."""
    return {name: far(one.of(label), other.of(label)) for name, (far, label) in DISTANCES.items()}


# Draws by random walks


def walks(diagram: Diagram, wanted: int, random: np.random.RandomState) -> list[str]:
    """Different strings of at least `SHORTEST` letters, from walks with even odds at each state."""
    found: dict[str, None] = {}
    coins = iter(_coins(random))
    pairs = {state: tuple(row.items()) for state, row in diagram.edges.items()}
    while len(found) < wanted:
        state, letters = START, ["B"]
        while state != END:
            letter, state = pairs[state][next(coins)]
            letters.append(letter)
        if len(letters) + 1 >= SHORTEST:
            found.setdefault("".join([*letters, "E"]))
    return list(found)


def _coins(random: np.random.RandomState) -> Iterator[int]:
    while True:
        yield from random.randint(0, 2, size=100_000).tolist()


def collected(seed: int, sizes: Sequence[int]) -> Strings:
    """A data set made as the author's was: walks are collected, and strings dealt out by chance."""
    random = stream("walks", seed)
    valid = walks(REBER, sizes[0] + sizes[2], random)
    invalid = [
        text
        for language, wanted in languages(sizes[1] + sizes[3])
        for text in walks(language.diagram, wanted, random)
    ]
    return dealt(valid, invalid, sizes, seed)


def sources(data: Strings) -> Iterator[list[str]]:
    """How many invalid strings each diagram of the author-like data accepts."""
    invalid = data.of(0)
    for language, _ in languages(0):
        count = sum(map(language.diagram.accepts, invalid))
        yield [language.diagram.name, f"{count}"]


def floors_table(columns: Mapping[str, Sequence[Strings]]) -> str:
    """Floors of data sets by column: their mean and, of more than one, standard deviation."""
    found = [[floors(each) for each in column] for column in columns.values()]
    rows = [
        [name, *(_spread([100 * each[name] for each in column]) for column in found)]
        for name in found[0][0]
    ]
    return table(["% of test strings right by", *columns], rows)


def _spread(values: Sequence[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.1f}"
    return f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}"


def distances_table(
    columns: Mapping[str, Strings], reference: Strings, draws: Sequence[Strings]
) -> str:
    """Distances from a data set, and those of each two draws: lowest, mean and highest."""
    far = [distances(reference, each) for each in columns.values()]
    chance = [distances(one, other) for one, other in combinations([reference, *draws], 2)]
    rows = []
    for name in DISTANCES:
        drawn = [100 * each[name] for each in chance]
        between = f"{min(drawn):.2f}, {np.mean(drawn):.2f}, {max(drawn):.2f}"
        rows.append([name, *(f"{100 * each[name]:.2f}" for each in far), between])
    return table(["points", *columns, "two draws: lowest, mean, highest"], rows)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifacts", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--rounds", type=int, default=10, help="seeds of our strings for floors")
    parser.add_argument("--draws", type=int, default=5, help="draws by random walks (at least 1)")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs=4,
        default=(9339, 9411, 3161, 3089),
        metavar="N",
        help="valid and invalid strings to train on, and to test on",
    )
    chosen = parser.parse_args()
    sizes, seeds = chosen.sizes, range(chosen.rounds)
    draws = [collected(seed, sizes) for seed in range(chosen.draws)]
    columns: dict[str, Sequence[Strings]] = {}
    if chosen.artifacts is not None:
        his = theirs(chosen.artifacts)
        columns["his files"] = [his]
        columns["dealt anew"] = [dealt(his.of(1), his.of(0), sizes, seed) for seed in seeds]
        draws = [his, *draws]
    own = {name: [ours(name, sizes, seed) for seed in seeds] for name in reversed(NEGATIVES)}
    columns["author_like, seed 0"] = own["author_like"][:1]

    print(floors_table({**columns, **own}), "\n")
    first = {name: each[0] for name, each in own.items()}
    print(distances_table(first, draws[0], draws[1:]), "\n")
    if chosen.artifacts is not None:
        print(table(["diagram", "invalid strings in his files"], list(sources(his))))


if __name__ == "__main__":
    main()
