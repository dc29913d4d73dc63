"""Loops that are compiled for other processors come to the same bits, whatever is trained.

Each variant and processor has a process of its own, as many at a time as there are cores: nearly all of
it is compilation. `python -m validation.robustness.other_processors --table` tries more processors, and
smaller batches; docs/reference/numerics.md has its table.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from sparsebench.values.protocol import OPTIMISERS, VARIANTS
from validation.robustness.other_processors import PROCESSORS, TASKS, under
