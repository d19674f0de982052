"""`python -m launcher` is `sessionbeat`."""

import sys

from launcher import cli

if __name__ == "__main__":
    sys.exit(cli.main())
