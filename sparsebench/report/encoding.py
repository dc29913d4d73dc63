"""Text for streams whose encoding lacks some characters: nothing is refused, and nothing is lost."""

from __future__ import annotations

import codecs

SPELLED = "sparsebench-spelled"
"""The name of an error handler, as `errors` of a stream."""


def _spelled(error: UnicodeError) -> tuple[str | bytes, int]:
    """A raised 2 as 2; whatever else cannot be encoded, by its number."""
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] == "\N{SUPERSCRIPT TWO}":
        return "2", error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error(SPELLED, _spelled)
