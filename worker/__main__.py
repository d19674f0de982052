"""`python -m worker worker …` and `python -m worker beat …`: Celery's own commands, for our app.

`celery -A worker.app …` does the same. It also loads every command that is installed beside its own, Flower with all
it needs; here only what runs is loaded, and the process is there sooner.
"""

import click
from celery.bin import beat, worker
from celery.bin.base import CLIContext

from worker.app import app


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Run a worker, or beat."""
    context.obj = CLIContext(app=app, no_color=True, workdir=None)


main.add_command(worker.worker)
main.add_command(beat.beat)

if __name__ == "__main__":
    main(prog_name="python -m worker")
