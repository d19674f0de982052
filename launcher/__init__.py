"""The `sessionbeat` command: starts every process on one machine, and what an operator does by hand."""
