"""Loops that are compiled for other processors come to the same bits, whatever is trained.

Each processor has a process of its own, which compiles once what cells share; nearly all of its time
is compilation.
`python -m validation.robustness.other_processors` tries more processors and smaller batches;
docs/reference/numerics.md has its table.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from llvmlite import binding

from sparsebench.engines.fused.memory import BLOCK
from sparsebench.values.numerics import NUMERICS
from sparsebench.values.protocol import CELL_TYPES, OPTIMISERS, VARIANTS
from validation.robustness.other_processors import METHODS, TASKS, of_variant, runnable, under

BATCH = 75
"""Strings: two blocks, of two groups each, and a short one."""

OTHERS = ("haswell", "skylake-avx512", "znver4")
EXPECTED = {
    "1": {
        "rnn_tanh": "7f3078",
        "rnn_relu": "0c38a8",
        "lstm": "fce2a3",
        "gru": "159a2b",
        "mgu": "bd41fa",
    }
}
"""Version of the arithmetic -> variant -> digest. Whoever changes these takes the next version."""

EVERY_TIME = {
    "host": VARIANTS,
    "haswell": VARIANTS,
    "skylake-avx512": ("lstm",),
    "znver4": ("gru",),
}
"""What `make test` tries; `make test-all` tries everything."""

MASKED, MASKS_TRIED = ("rnn_tanh",), ("host", "haswell")
"""Of what `make test-all` tries masks that change: by these processors."""


def marks(variant: str, name: str) -> list[pytest.MarkDecorator]:
    """Of what only `make test-all` tries."""
    return [] if variant in EVERY_TIME[name] else [pytest.mark.long]


HERE = [pytest.param(variant, marks=marks(variant, "host")) for variant in CELL_TYPES]
TRIED = [
    pytest.param(variant, name, marks=marks(variant, name))
    for name in OTHERS
    for variant in CELL_TYPES
]

Found = dict[str, Future[dict[str, str]]]


@pytest.fixture(scope="module")
def found(pytestconfig: pytest.Config) -> Iterator[Found]:
    """The digests of every processor that is tried, as they come: of its variants, and of masks."""
    every = pytestconfig.option.markexpr != "not long"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    with ThreadPoolExecutor(max(1, cores // workers)) as pool:
        yield {
            name: pool.submit(
                under,
                name,
                CELL_TYPES if every else EVERY_TIME[name],
                [BATCH],
                MASKED if every and name in MASKS_TRIED else (),
            )
            for name in ("host", *OTHERS)
            if name == "host" or tried(name)
        }
        pool.shutdown(cancel_futures=True)


def tried(name: str) -> bool:
    """Whether code for a processor runs here, and is other code than this processor's own."""
    return name in runnable() and name != binding.get_host_cpu_name()


def digests_of(found: Future[dict[str, str]], words: str) -> dict[str, str]:
    """The digests whose names begin with these words: a variant, or `masks of`."""
    return {what: digest for what, digest in found.result().items() if what.startswith(f"{words} ")}


@pytest.mark.parametrize("variant", HERE)
def test_everything_comes_out_as_the_version_of_the_arithmetic_says(
    variant: str, found: Found
) -> None:
    here = digests_of(found["host"], variant)
    assert len(here) == len(TASKS) * len(OPTIMISERS)
    assert of_variant(here, variant) == EXPECTED[NUMERICS][variant]


@pytest.mark.parametrize(("variant", "name"), TRIED)
def test_no_bit_is_another_under_another_processors_code(
    variant: str, name: str, found: Found
) -> None:
    if not tried(name):
        pytest.skip(f"code for {name} is this processor's own, or does not run on it")
    here, there = (digests_of(found[each], variant) for each in ("host", name))
    assert [what for what in here if here[what] != there[what]] == []
    assert here.keys() == there.keys()


@pytest.mark.long
def test_no_bit_of_changing_masks_is_another_under_another_processors_code(found: Found) -> None:
    """Masks by gradients, by products with the Hessian in float64, by movements; of one variant."""
    if not tried("haswell"):
        pytest.skip("code for haswell is this processor's own, or does not run on it")
    here, there = (digests_of(found[name], "masks of") for name in MASKS_TRIED)
    assert len(here) == len(METHODS)
    assert len(set(here.values())) == len(here)
    assert here == there


def test_a_batch_of_the_trainings_has_blocks_of_every_kind() -> None:
    assert BATCH // BLOCK == 2
    assert 0 < BATCH % BLOCK <= BLOCK // 2
