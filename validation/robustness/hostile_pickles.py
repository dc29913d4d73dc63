"""Hostile pickles and torch archives for `fuzz_readers.py`."""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
from itertools import pairwise
from random import Random
from typing import Any

import torch
from hypothesis import strategies as st

from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_masks
from sparsebench.values.wiring import Wiring
from tests import network_strategies
from tests.author_files import author_tensors
from validation.robustness.hostile_files import SMALL, WIRED, Content, Make, damaged, drawn

# Pickles

_EVIL = [
    *(b"cos\nsystem\n", b"cbuiltins\neval\n", b"cbuiltins\ngetattr\n", b"cbuiltins\nbytearray\n"),
    *(
        b"\x8c\x02os\x8c\x06system\x93",
        b"(S'ls'\nios\nsystem\n",
        b"cposix\nsystem\nX\2\0\0\0ls\x85R",
    ),
    *(b"cnumpy\nload\n", b"csubprocess\nPopen\n", b"csparsebench\n__dict__\n", b"c__main__\nx\n"),
]

_OPCODES = [opcode.code.encode("latin-1") for opcode in pickletools.opcodes]

_WORDS_OF_PICKLES = [
    *_OPCODES,
    *_EVIL,
    *(
        b"}",
        b"(",
        b"u",
        b"s",
        b"b",
        b")",
        b"\x81",
        b"R",
        b"Q",
        b"t",
        b"\x85",
        b"\x86",
        b"\x87",
        b"a",
    ),
    *(
        b"K\0",
        b"K\1",
        b"M\xff\xff",
        b"J\xff\xff\xff\xff",
        b"\x8a\x09" + b"\xff" * 8 + b"\x7f",
        b"N",
    ),
    *(b"h\0", b"q\0", b"h\1", b"q\1", b"r\xff\xff\xff\xff", b"\x94", b"0", b"1", b"2"),
    *(
        b"\x8a\xff" + b"\x7f" * 255,
        b"X\xff\xff\xff\x7f",
        b"\x8b\xff\xff\xff\x7f",
        b"\x8d" + b"\xff" * 8,
    ),
    *(b"\x86q\0h\0" * 50, b"}K\0" * 3000, b"]" * 3000, b"(" * 3000, b"I" + b"9" * 5000 + b"\n"),
    *(b"\x8c\x05_node", b"\x8c\x04_adj", b"X\x07\0\0\0storage", b"ctorch\nFloatStorage\n"),
    *(b"ctorch._utils\n_rebuild_tensor_v2\n", b"ccollections\nOrderedDict\n)R"),
    *(b"cnetworkx.classes.graph\nGraph\n)\x81", b"\x80\x02", b"\x80\x04", b"."),
]


def _opcodes_of(content: Content) -> list[Content]:
    """A pickle, split before every opcode."""
    places = [place for _, _, place in pickletools.genops(content)] + [len(content)]
    return [content[begin:end] for begin, end in pairwise(places)]


def pickles(contents: list[Content]) -> Make:
    """Pickles with opcodes removed, duplicated, swapped or added, and damaged ones."""
    cut = [_opcodes_of(content) for content in contents]
    pieces = [*(piece for each in cut for piece in each), *_WORDS_OF_PICKLES]

    def make(random: Random) -> Content:
        chance = random.random()
        if chance < 0.35:
            return damaged(random, random.choice(contents), contents, _WORDS_OF_PICKLES)
        if chance < 0.5:
            program = random.choices(pieces, k=random.randrange(40))
            return b"\x80\x04" + b"".join(program) + b"."
        changed = list(random.choice(cut))
        for _ in range(random.choice((0, 1, 1, 2, 5))):
            begin = random.randrange(len(changed))
            match random.randrange(4):
                case 0:
                    del changed[begin]
                case 1:
                    changed.insert(begin, random.choice(pieces))
                case 2:
                    changed[begin] = random.choice(pieces)
                case _:
                    other = random.randrange(len(changed))
                    changed[begin], changed[other] = changed[other], changed[begin]
            changed = changed or [b"."]
        return b"".join(changed)

    return make


def graphs(count: int) -> Make:
    """Pickled graphs."""
    found = drawn(st.tuples(network_strategies.graphs(), st.integers(2, 5)), count)
    return pickles([pickle.dumps(graph, protocol) for graph, protocol in found])


# Torch archives

_MEMBERS = (
    "archive/data.pkl",
    "archive/data/0",
    "archive/byteorder",
    "../../../x",
    "/etc/x",
    "a/data.pkl",
)


def archives(tensors: list[dict[str, torch.Tensor]]) -> Make:
    """Archives of both kinds, with altered pickles and members, and damaged ones."""
    zipped, plain = (
        [_saved(each, _use_new_zipfile_serialization=new) for each in tensors]
        for new in (True, False)
    )
    members = [_members(content) for content in zipped]
    inner = pickles([each["archive/data.pkl"] for each in members])
    heads = [_head(content) for content in plain]
    inner_plain = pickles(
        [content[start:end] for content, (start, end) in zip(plain, heads, strict=True)]
    )
    everything = [*zipped, *plain]
    words = [*_WORDS_OF_PICKLES, b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7"]

    def make(random: Random) -> Content:
        chance = random.random()
        if chance < 0.4:
            return damaged(random, random.choice(everything), everything, words)
        number = random.randrange(len(tensors))
        if chance < 0.6:
            start, end = heads[number]
            return plain[number][:start] + inner_plain(random) + plain[number][end:]
        changed = dict(members[number])
        match random.randrange(5):
            case 0 | 1:
                changed["archive/data.pkl"] = inner(random)
            case 2:
                name = random.choice([*changed, *_MEMBERS])
                changed[name] = damaged(random, changed.get(name, b""), zipped, words)
            case 3:
                del changed[random.choice(list(changed))]
            case _:
                changed[random.choice(_MEMBERS)] = changed.pop(random.choice(list(changed)))
        content = _zip(
            changed, zipfile.ZIP_DEFLATED if random.random() < 0.1 else zipfile.ZIP_STORED
        )
        return damaged(random, content, zipped, words) if random.random() < 0.1 else content

    return make


def _saved(value: object, **options: Any) -> Content:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def _members(content: Content) -> dict[str, Content]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(members: dict[str, Content], kind: int) -> Content:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, kind)
    return buffer.getvalue()


def _head(content: Content) -> tuple[int, int]:
    """Start and end of the tensors' pickle in an archive without ZIP."""
    file = io.BytesIO(content)
    ends = [0]
    for _ in range(4):
        list(pickletools.genops(file))
        ends.append(file.tell())
    return ends[3], ends[4]


def base_checkpoints(count: int) -> Make:
    """Trained base models."""
    weights = [initial_weights(SMALL.layout, number) for number in range(min(count, 5))]
    return archives([author_tensors(SMALL.layout, each, {}) for each in weights])


def wired_checkpoints(count: int) -> Make:
    """Trained wired networks."""
    wiring = Wiring((2, 1, 1), ((0, 2), (0, 3), (1, 2), (2, 3)))
    masks = wired_masks(wiring, WIRED, "repeated")
    weights = [initial_weights(WIRED, number) for number in range(min(count, 5))]
    return archives([author_tensors(WIRED, each, masks) for each in weights])
