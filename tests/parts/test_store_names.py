"""Names of a store's folders and files: every system allows them, and no others are the store's."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sparsebench.parts.store_names import (
    DAMAGED,
    folder_name,
    is_begun,
    is_environment,
    is_record,
    name_of,
)

DIGEST, MASKS = "0123456789abcdef" * 2, "0123456789ab"
NAMES = [DIGEST, f"{DIGEST}-{MASKS}"]
FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
"""What Windows allows in no name, by its documentation."""


@given(processor=st.text(min_size=1))
@example(processor="AMD Radeon RX 7900 XT/XTX")
@example(processor="GPU.")
@example(processor="..")
def test_a_folder_has_a_name_that_every_system_allows(processor: str) -> None:
    name = folder_name("0123456789ab", "torch2.13.0+cu130", processor)
    assert not FORBIDDEN.search(name)
    assert not name.endswith((".", " "))
    assert Path(name).name == name
    assert name.startswith("0123456789ab-torch2.13.0+cu130-")  # and so it is no CON and no NUL


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        (("0123456789ab", "torch2.13.0+cpu", "cpu"), "0123456789ab-torch2.13.0+cpu-cpu"),
        (("0123456789ab", "cpu"), "0123456789ab-cpu"),
        (("0123456789ab", "NVIDIA H100 80GB HBM3"), "0123456789ab-NVIDIA_H100_80GB_HBM3"),
        (("0123456789ab", "Tesla P100-PCIE-16GB"), "0123456789ab-Tesla_P100-PCIE-16GB"),
    ],
)
def test_a_folder_keeps_the_name_that_earlier_versions_gave_it(
    environment: tuple[str, ...], name: str
) -> None:
    assert folder_name(*environment) == name
    assert is_environment(name)


@pytest.mark.parametrize(
    "name",
    [
        "app",
        "baselines",
        "models",
        "0123456789ab",
        "0123456789a-cpu",
        "0123456789AB-cpu",
        "0123456789ab-",
    ],
)
def test_a_folder_of_another_name_was_not_made_by_a_store(name: str) -> None:
    assert not is_environment(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", ["", "-2", "-13"])
def test_files_that_were_set_aside_may_have_a_number(name: str, number: str) -> None:
    record = Path(f"{name}{number}.json")
    assert is_record("code" / record) == (not number)
    assert is_record(DAMAGED / record)
    assert name_of(record) == f"{name}{number}"


@pytest.mark.parametrize(
    "name",
    [
        "package.json",
        "thesis.json",
        ".env",
        f"{DIGEST}.json.bak",
        f"{DIGEST}.JSON",
        f"{DIGEST}\n.json",
        f"{DIGEST[1:]}.json",
        f"{DIGEST}-{MASKS}0.json",
        f"{DIGEST.upper()}.json",
        f" {DIGEST}.json",
        f"{DIGEST}.safetensors",
        f"{DIGEST}.lock",
        f"{DIGEST}.snapshot.safetensors",
        f".{DIGEST}.snapshot.safetensors.abcdefgh",
        f".{DIGEST}.json",
        f".{DIGEST}.txt.abcdefgh",
        f".{DIGEST}.json.abcdefg",
        ".package.json.abcdefgh",
    ],
)
def test_files_of_other_names_are_neither_records_nor_begun(name: str) -> None:
    path = Path("code") / name
    assert [is_record(path), is_begun(path)] == [False] * 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", [".json", ".safetensors"])
def test_a_file_that_is_being_written_is_known_by_its_name(name: str, ending: str) -> None:
    assert is_begun(Path(f".{name}{ending}.a_b1c2d3"))
