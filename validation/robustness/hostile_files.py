"""Hostile files for `fuzz_readers.py`: damaged ones, and well-formed ones with false content.

Inputs are small files as written by the project or the thesis author's programs, drawn by
Hypothesis and then altered, and files made of pieces of such files in random order. All randomness
comes from a `random.Random`, so a seed repeats the files, except for the addresses that name blocks
of numbers in torch archives without ZIP.
"""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from sparsebench.parts.documents import write_document
from sparsebench.parts.published_rows import ACCURACY, PROPERTIES
from sparsebench.parts.stored_models import StoredModel, seal
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout
from sparsebench.values.protocol import Architecture
from sparsebench.values.wiring import Wiring
from tests import document_strategies, strategies

SMALL = Architecture("gru", layers=2, hidden_size=3, symbols=4)
WEIGHTS = initial_weights(SMALL.layout, 0)
"""The stacked network in checkpoints, weight files and the store."""

WIRED = wired_layout(Wiring((2, 1, 1), ((0, 2), (0, 3), (1, 2), (2, 3))), "lstm")
"""The wired network in checkpoints."""

Content = bytes
Make = Callable[[Random], Content]


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """Values drawn by Hypothesis, the same each time."""
    found: list[Any] = []

    @seed(0)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


# Any file

_NUMBERS = [
    struct.pack(f"<{kind}", number)
    for kind, sizes in (("H", 16), ("I", 32), ("Q", 64))
    for number in (0, 1, 2**16 - 1, 2 ** (sizes - 1), 2**sizes - 1, 2 ** (sizes - 2))
]


def _place(random: Random, content: Content) -> int:
    return random.randrange(len(content) + 1)


def _stretch(random: Random, content: Content) -> tuple[int, int]:
    begin = _place(random, content)
    return begin, min(len(content), begin + random.choice((1, 1, 2, 4, 9, 40, 300)))


def damaged(
    random: Random, content: Content, others: list[Content], words: list[Content]
) -> Content:
    """A file after one to six changes, like those of disks, networks and editors, or worse."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        begin, end = _stretch(random, content)
        match random.randrange(10):
            case 0 if content:
                place = random.randrange(len(content))
                changed = bytes([content[place] ^ 1 << random.randrange(8)])
                content = content[:place] + changed + content[place + 1 :]
            case 1:
                content = content[:begin] + random.randbytes(end - begin) + content[end:]
            case 2:
                content = content[:begin] + content[end:]
            case 3:
                content = (
                    content[:end] + content[begin:end] * random.choice((1, 2, 50)) + content[end:]
                )
            case 4:
                other = random.choice(others)
                content = content[:begin] + other[_place(random, other) :]
            case 5:
                other = random.choice(others)
                first, last = _stretch(random, other)
                content = content[:begin] + other[first:last] + content[end:]
            case 6:
                number = random.choice(_NUMBERS)
                content = content[:begin] + number + content[begin + len(number) :]
            case 7 | 8:
                kept = content[end:] if random.random() < 0.5 else content[begin:]
                content = content[:begin] + random.choice(words) + kept
            case _ if random.random() < 0.3:
                content = content[:begin]
    return content


# JSON: result files, baselines, records in a store, headers of weight files

_WORDS_OF_JSON = [
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"true", b"NaN", b"-Infinity", b"1e999"),
    *(
        b"-0",
        b"1e-999",
        b"9" * 400,
        b"9" * 5000,
        b'"\\ud800"',
        b'"\\u0000"',
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(b"[" * 2000, b"[" * 40 + b"]" * 40, b'{"a":' * 40 + b"1" + b"}" * 40, b'"../../../etc/x"'),
    *(b'"kind":"BaseCase"', b'"schema":1', b'"schema":99', b"[[]]" * 20, b'{"":{}}', b"0.1", b"3"),
]


def any_value(random: Random, depth: int = 3) -> Any:
    """Any JSON value."""
    match random.randrange(12 if depth else 8):
        case 0:
            return random.choice((None, True, False, float("nan"), float("inf"), -0.0))
        case 1:
            return random.choice((0, 1, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 10**20))
        case 2:
            return random.uniform(-2, 2) * 10.0 ** random.choice((0, 0, 0, 300, -320))
        case 3:
            return random.choice(
                ("", "a", "../../../x", "/etc/x", "x" * 5000, "\0", "\x1b[31m", "é")
            )
        case 4:
            return random.choice(
                ("base", "wired", "pruning", "gru", "BaseCase", "Semantics", "magnitude")
            )
        case 5:
            value: Any = []
            for _ in range(random.choice((1, 10, 16, 17, 30, 400))):
                value = [value] if random.random() < 0.5 else {"base": value}
            return value
        case 6 | 7:
            return random.randrange(100)
        case 8 | 9:
            return [any_value(random, depth - 1) for _ in range(random.randrange(4))]
        case _:
            keys = ("kind", "base", "seed", "network", "accuracy", "", "a", "variant", "graph")
            return {
                random.choice(keys): any_value(random, depth - 1)
                for _ in range(random.randrange(4))
            }


def twisted(random: Random, value: Any) -> Any:
    """The JSON value with something replaced, removed, duplicated or renamed."""
    if not isinstance(value, dict | list) or not value or random.random() < 0.15:
        return any_value(random)
    if isinstance(value, list):
        place = random.randrange(len(value))
        changed = [twisted(random, value[place])] * random.choice((0, 1, 1, 1, 1, 2))
        return [*value[:place], *changed, *value[place + 1 :]]
    key = random.choice(list(value))
    match random.randrange(10):
        case 0:
            return {name: item for name, item in value.items() if name != key}
        case 1:
            return {
                random.choice(("", "kind", f"{key}_")) if name == key else name: value[name]
                for name in value
            }
        case 2:
            return {**value, random.choice(("a", "seed", "kind")): any_value(random)}
        case _:
            return {**value, key: twisted(random, value[key])}


def json_files(values: list[Content]) -> Make:
    """Documents with altered values, and damaged ones."""
    parsed = [json.loads(value) for value in values]

    def make(random: Random) -> Content:
        if random.random() < 0.4:
            return damaged(random, random.choice(values), values, _WORDS_OF_JSON)
        value = random.choice(parsed)
        for _ in range(random.choice((0, 1, 1, 2))):
            value = twisted(random, value)
        return json.dumps(value).encode()

    return make


def _documents(strategy: st.SearchStrategy[Any], count: int) -> list[Content]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.json"
        contents = []
        for document in drawn(strategy, count):
            write_document(path, document)
            contents.append(path.read_bytes())
    return contents


def results(count: int) -> Make:
    """Result files."""
    return json_files(_documents(document_strategies.results, count))


def baselines(count: int) -> Make:
    """Baselines."""
    return json_files(_documents(document_strategies.baselines, count))


ENTRY = "0" * 32
"""The name of the store's entry for the record."""


def stored_records(count: int) -> Make:
    """Records of trainings, some with `WEIGHTS`, most of them with the right checksum."""
    stored = drawn(
        st.builds(
            lambda record, provenance, weights: StoredModel(
                msgspec.structs.replace(record, weights=weights, digest=ENTRY), provenance
            ),
            document_strategies.records,
            document_strategies.provenances,
            st.sampled_from([checksum(WEIGHTS), "other"]),
        ),
        count,
    )
    make = json_files([msgspec.json.encode(each) for each in stored])

    def sealed(random: Random) -> Content:
        content = make(random)
        return content if random.random() < 0.2 else seal(content)

    return sealed


# CSV

_WORDS_OF_CSV = [
    *(
        b",",
        b",,",
        b"\n",
        b"\r",
        b"\r\n",
        b'"',
        b'""',
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b";",
        b"\t",
    ),
    *(
        b"nan",
        b"inf",
        b"1e999",
        b"-1",
        b"1_0",
        "٣".encode(),
        b" 1",
        b"0x1",
        b"x" * 200,
        b"9" * 5000,
    ),
    *(b"x" * 140_000, b"," * 500, b'"\n\n\n"', b"\n" * 50, b"=cmd|' /C calc'!A0", b"../../x"),
]


def csv_files(header: list[str], items: list[list[str]]) -> Make:
    """Tables, most of them with this header and these rows, and damaged ones."""

    def table(random: Random) -> Content:
        columns = list(range(len(header)))
        if random.random() < 0.2:
            random.shuffle(columns)
            columns = columns[: random.randrange(len(columns) + 1)]
        lines = [[header[column] for column in columns]]
        for _ in range(random.randrange(6)):
            line = [random.choice(items[column]) for column in columns]
            if random.random() < 0.1:
                line = line[: random.randrange(len(line) + 1)]
            if random.random() < 0.1:
                line += ["beyond", "the end"]
            lines.append(line)
        quote = '"' if random.random() < 0.2 else ""
        end = random.choice(("\n", "\n", "\n", "\r\n", "\r"))
        rows = (",".join(f"{quote}{item}{quote}" for item in line) for line in lines)
        return (end.join(rows) + end * random.randrange(2)).encode()

    def make(random: Random) -> Content:
        content = table(random)
        if random.random() < 0.5:
            content = damaged(random, content, [table(random)], _WORDS_OF_CSV)
        return content

    return make


def strings(count: int) -> Make:
    """Labelled strings."""
    words = [*drawn(strategies.reber_walks | strategies.reber_like, count), "B", "BTXSE", "é", ""]
    usual = ["BTXSE", "BPVVE"] * count
    return csv_files(["", "string", "valid"], [["7", ""], [*words, *usual], ["0", "1"] * 9 + ["2"]])


def messages(count: int) -> Make:
    """Labelled texts."""
    texts = [*drawn(st.text(max_size=40), count), "so glad that you called", ""]
    return csv_files(["", "text", "label"], [["7", ""], texts, ["glad", "sad"] * 9 + [""]])


def texts(count: int) -> Make:
    """Plain texts, most of them long enough, and damaged."""
    whole = [(text * 40).encode() for text in drawn(st.text(min_size=1, max_size=40), count)]

    def make(random: Random) -> bytes:
        content = random.choice(whole)
        return (
            damaged(random, content, whole, [b"\xff", b"\0"]) if random.random() < 0.8 else content
        )

    return make


def rows(count: int) -> Make:
    """Tables of wired networks."""
    header = ["mode", "graph", "graph_nr", *PROPERTIES, ACCURACY, "time"]
    numbers = [repr(number) for number in drawn(st.floats(0, 1) | st.integers(0, 50), count)]
    numbers = numbers * 5 + ["", "many", "nan", "inf", "-1", "0.50576", "1e308"]
    families = ["watts_strogatz", "barabasi_albert"] * 5 + ["kleinberg"]
    keys = [["GRU"] * 9 + ["LSTM"], families, [*map(str, range(20)), "007", "-1"]]
    return csv_files(header, [*keys, *([numbers] * (len(header) - len(keys)))])


def accuracies(count: int) -> Make:
    """Tables of pruned models."""
    header = ["mode", "prune", "epoch", "test_acc", "test_loss"]
    shares = [repr(share) for share in drawn(st.floats(0, 1), count)]
    modes = ["gru_prune", "gru_prune_i2h", "gru_prune_h2h", "lstm_prune"]
    percents = [*map(str, range(10, 101, 10)), "ten"]
    return csv_files(header, [modes, percents, ["0"] * 9 + ["1", ""], [*shares, "nan", ""], shares])


# Weight files


def weight_files(count: int) -> Make:
    """Safetensors files of weights, with altered headers, and damaged."""
    weights = (initial_weights(SMALL.layout, number) for number in range(min(count, 5)))
    return safetensors([save(each) for each in weights])


def safetensors(whole: list[Content]) -> Make:
    """Some safetensors files, with altered headers, and damaged."""

    def make(random: Random) -> Content:
        content = random.choice(whole)
        if random.random() < 0.5:
            return damaged(random, content, whole, _WORDS_OF_JSON)
        size = struct.unpack_from("<Q", content)[0]
        header = json.loads(content[8 : 8 + size])
        for _ in range(random.choice((0, 1, 1, 2))):
            header = twisted(random, header)
        changed = json.dumps(header).encode()
        claimed = random.choice([len(changed)] * 9 + [2**63, 2**40, 0])
        return struct.pack("<Q", claimed) + changed + content[8 + size :]

    return make
