"""The documentation as a site: make docs."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # autodoc imports the package of this checkout

project = "sparsebench"
author = "the sparsebench contributors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["figures/*"]
html_theme = "furo"
html_title = project
myst_heading_anchors = 4
autodoc_member_order = "bysource"
suppress_warnings = ["ref.python"]  # some fields of several classes have one name
autodoc_typehints = "none"  # the signature of a dataclass says the same as its attributes
napoleon_google_docstring = False
napoleon_use_ivar = True

OUTSIDE = re.compile(
    r"(?<!!)\[([^\]]+)\]\((?:\.\./)+(?:README|CONTRIBUTING|validation|sparsebench)[^)]*\)"
)
"""A link to a file of the checkout that is no page; tests check that the file exists."""


def without_links_outside(app, page, source):
    """Show such a link's words alone: in the site it would lead nowhere."""
    source[0] = OUTSIDE.sub(r"\1", source[0])


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", without_links_outside)
