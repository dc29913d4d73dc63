"""Text for streams that cannot encode some characters: nothing fails, and nothing is lost."""

from __future__ import annotations

import codecs

SPELLED = "sparsebench-spelled"
"""The name of the error handler, for `errors` of a stream."""


def _spelled(error: UnicodeError) -> tuple[str | bytes, int]:
    """A superscript 2 becomes 2; other characters become their code point."""
    if isinstance(error, UnicodeEncodeError) and error.object[error.start] == "\N{SUPERSCRIPT TWO}":
        return "2", error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error(SPELLED, _spelled)
