"""`python -m sparsebench`: the command `sparsebench`."""

from sparsebench.shell.command import main

if __name__ == "__main__":
    raise SystemExit(main())
