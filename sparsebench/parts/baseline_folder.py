"""A baseline on disk: a folder with one or two files for each experiment.

`task.json` has one line for each record of the experiment `task`, so that version control shows
what moved. `task.json.gz` contains, compressed, the records that only rare, large runs measure. A
profile that is run often updates the first file; other profiles update the second, except for
records that are in the first.

Until December 2026 a baseline was one file, such as `thesis.json` for the folder `thesis`. It is
still read if there is no folder; the next update writes the folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sparsebench.parts.documents import (
    LARGEST,
    PACKED,
    PARTS,
    TEXT,
    as_text,
    baseline_at,
    baseline_of,
    check_header,
    in_order,
    packed,
    parsed_part,
)
from sparsebench.parts.files import shown
from sparsebench.parts.folder_files import names_in, read_together, replace_together
from sparsebench.parts.records import Provenance, Record

NOT_BASELINES = ("models", "times")
"""Folders beside the baselines that are not baselines."""


def check_names_a_file(experiment: str) -> None:
    """Refuse an experiment's name that cannot be a file name on every system.

    Raises
    ------
    ValueError
        With the allowed names.
    """
    if not PARTS.fullmatch(experiment + TEXT):
        raise ValueError(
            f"{shown(experiment)} cannot name a file of a baseline: use lower-case letters, digits, _ "
            "and -, and begin with a letter or a digit"
        )


def former_file(folder: Path) -> Path:
    """The path of the single file that a baseline was before it became a folder."""
    return folder.with_name(folder.name + TEXT)


def has_baseline(folder: Path) -> bool:
    """Whether there is a baseline, as a folder or as a former single file."""
    return bool(names_in(folder, PARTS)) or former_file(folder).exists()


def baselines_in(folder: Path) -> list[str]:
    """The names of the baselines in a folder of baselines, sorted."""
    inside = folder.iterdir() if folder.is_dir() else ()
    names = {path.name.removesuffix(TEXT) for path in inside} - {*NOT_BASELINES}
    return sorted(name for name in names if has_baseline(folder / name))


@dataclass(frozen=True)
class _Part:
    """One file of a baseline: records by digest, and their provenances."""

    records: Mapping[str, Record] = field(default_factory=dict)
    provenances: Mapping[str, Provenance] = field(default_factory=dict)


def _part(records: Iterable[Record], provenances: Mapping[str, Provenance]) -> _Part:
    return _Part({record.digest: record for record in records}, provenances)


class BaselineFolder:
    """A baseline, read on first use and unchanged from then on.

    An experiment's files are decoded when one of its records is needed. Every method that reads
    raises OSError if a file cannot be read, and ValueError if one is damaged or from a newer
    version.

    Parameters
    ----------
    path
        The folder; if there is none, the baseline is empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parts: dict[str, _Part] = {}

    @cached_property
    def experiments(self) -> list[str]:
        """The names of the experiments that it has files of."""
        names = {name.partition(".")[0] for name in self._contents}
        return sorted(names | self._former.keys())

    @property
    def former_file(self) -> Path | None:
        """The former single file, if the baseline is read from it."""
        path = former_file(self.path)
        return path if not self._contents and path.exists() else None

    def get(self, experiment: str, digest: str) -> Record | None:
        """The record of a case, or None; the compressed file is read only if the text lacks it."""
        for suffix in (TEXT, PACKED):
            if (found := self._read(experiment, suffix).records.get(digest)) is not None:
                return found
        return None

    def records(self, experiment: str) -> list[Record]:
        """All records of an experiment, in order."""
        parts = (self._read(experiment, suffix).records for suffix in (PACKED, TEXT))
        return in_order({digest: each for part in parts for digest, each in part.items()}.values())

    def trained(self, record: Record) -> Provenance:
        """Where the network of one of its records was trained."""
        parts = [self._read(record.experiment, suffix) for suffix in (TEXT, PACKED)]
        known = {key: where for part in parts for key, where in part.provenances.items()}
        return known[record.trained or record.provenance]

    def check(self) -> None:
        """Check what is quick to read: the headers of text files, and all of a former single file.

        Raises
        ------
        OSError
            If a file cannot be read.
        ValueError
            If one is damaged or from a newer version.
        """
        for name, content in self._contents.items():
            if name.endswith(TEXT):
                check_header(content, self.path / name)
        _ = self._former

    def rewrite(
        self, accepted: Sequence[Record], provenances: Mapping[str, Provenance], often: bool
    ) -> None:
        """Write records in place of those of the same cases; the caller holds the folder's lock.

        Parameters
        ----------
        accepted
            The records.
        provenances
            Their provenances, by key.
        often
            Whether they come from a profile that is run often; they are then written as text.

        Raises
        ------
        OSError
            If a file cannot be written; the baseline is unchanged then.
        ValueError
            If an experiment's name cannot be a file name.
        """
        contents: dict[str, bytes] = {}
        emptied: list[str] = []
        for experiment in sorted({record.experiment for record in accepted} | self._former.keys()):
            check_names_a_file(experiment)
            old = [self._read(experiment, suffix) for suffix in (TEXT, PACKED)]
            text, rest = (dict(part.records) for part in old)
            for record in accepted:
                if record.experiment == experiment:
                    place = text if often or record.digest in text else rest
                    place[record.digest] = record
            rest = {digest: record for digest, record in rest.items() if digest not in text}
            known = {**old[1].provenances, **old[0].provenances, **provenances}
            files = ((TEXT, as_text, text, old[0]), (PACKED, packed, rest, old[1]))
            for suffix, content_of, records, before in files:
                name = experiment + suffix
                if records != before.records or (records and name not in self._contents):
                    contents[name] = content_of(baseline_of(records.values(), known))
                    emptied += [] if records else [name]
        replace_together(self.path, contents)
        for name in emptied:  # an empty file means the same as no file
            (self.path / name).unlink()

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        return read_together(self.path, PARTS, LARGEST)

    @cached_property
    def _former(self) -> dict[str, _Part]:
        """The records of the former single file, by experiment, if there is no folder."""
        if self._contents:
            return {}
        former = baseline_at(former_file(self.path))
        experiments = {record.experiment for record in former.records}
        return {
            name: _part(
                (record for record in former.records if record.experiment == name),
                former.provenances,
            )
            for name in experiments
        }

    def _read(self, experiment: str, suffix: str) -> _Part:
        name = experiment + suffix
        if name not in self._parts:
            content = self._contents.get(name)
            if content is not None:
                document = parsed_part(content, self.path / name)
                self._parts[name] = _part(document.records, document.provenances)
            else:
                self._parts[name] = (suffix == TEXT and self._former.get(experiment)) or _Part()
        return self._parts[name]
