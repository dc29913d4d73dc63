"""The README's own criterion, task and experiment are measured, accepted and gated."""

from sparsebench.parts.documents import read_baseline
from tests.guide.pages import ROOT, files

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
UPDATE = "pytest --sparsebench-profile=smoke --sparsebench-update"
GATE = "pytest --sparsebench-profile=smoke --sparsebench-gate"
CHANGES = {
    "gru-both-p50-random": ('"random", name', '"other", name'),
    "parity-gru-p0": ('bits.sum(1, "int64") % 2', "bits[:, 0].astype(int)"),
    "test_own[gru]": (".round(1)", ".round(0)"),
}
"""A change of each part, by the item that sees it."""


def test_the_readme_is_short():
    assert len(PAGE.splitlines()) <= 120


def test_its_file_is_measured_and_gated_and_each_part_is_seen(reader):
    reader.write(files(PAGE))
    done = reader.run(UPDATE)
    assert done.returncode == 0, done.stdout
    records = read_baseline(reader.folder / "baselines" / "thesis").records
    assert {record.experiment for record in records} >= {"pruning", "task", "rounding"}
    green = reader.run(GATE)
    assert green.returncode == 0, green.stdout
    for old, new in CHANGES.values():
        reader.edit("test_own.py", old, new)
    red = reader.run(GATE)
    assert red.returncode == 1, red.stdout
    failed = "\n".join(line for line in red.stdout.splitlines() if line.startswith("FAILED"))
    assert all(item in failed for item in CHANGES), red.stdout
