"""Reads command lines; a wrong one is told in one line, where argparse would repeat its usage before."""

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Of a command and, made by it, of the commands below."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and where to read more; the exit status is 2."""
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())} (see {self.prog} --help)\n")
