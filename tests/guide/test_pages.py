"""The files and commands of a page are told from its text, and run as a reader would run them."""

import pytest

from tests.guide.pages import GUIDE, Block, Reader, blocks, commands, files

PAGE = """Two files and a run:

```python
# conftest.py
x = 1
```

```python
# tests/test_x.py
def test_x(): ...
```

```console
pytest -q            # prints a dot
# and nothing else
sparsebench claims results.json
```

```
.
```
"""


def test_blocks_come_in_order_with_their_language():
    assert [block.language for block in blocks(PAGE)] == ["python", "python", "console", ""]
    assert blocks(PAGE)[-1] == Block("", ".\n")


def test_files_are_named_by_their_first_line():
    assert list(files(PAGE)) == ["conftest.py", "tests/test_x.py"]
    assert files(PAGE)["conftest.py"] == "# conftest.py\nx = 1\n"


def test_commands_lose_their_comments():
    assert commands(PAGE) == ["pytest -q", "sparsebench claims results.json"]


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```python\nx = 1\n```\n", "begins with 'x = 1'"),
        (PAGE + "```python\n# conftest.py\n```\n", "a file of its own"),
        (PAGE + "```python\n", "not closed"),
    ],
)
def test_a_page_that_cannot_be_followed_is_refused(page, complaint):
    with pytest.raises(ValueError, match=complaint):
        files(page)


@pytest.mark.parametrize("page", sorted(GUIDE.glob("own-*.md")), ids=lambda page: page.stem)
def test_every_page_on_something_of_ones_own_can_be_followed(page):
    text = page.read_text(encoding="utf-8")
    assert files(text)
    for line in commands(text):
        Reader(page.parent).command(line)


def test_commands_run_in_the_folder(reader):
    reader.write({"test_one.py": "def test_one():\n    print('seen')\n"})
    done = reader.run("pytest -q -s")
    assert done.returncode == 0, done.stdout
    assert "seen" in done.stdout
    reader.edit("test_one.py", "print('seen')", "assert False")
    assert reader.run("pytest -q").returncode == 1
    assert reader.start("pytest -q").wait() == 1
    with pytest.raises(ValueError, match="use one of python, pytest, sparsebench"):
        reader.command("make test")
    with pytest.raises(ValueError, match="stands 0 times"):
        reader.edit("test_one.py", "print", "")
