import sys
from argparse import ArgumentParser, Namespace

from market.command.database import opened
from market.command.outcome import Outcome
from market.settings import Settings
from market.worker import work


def configure(parser: ArgumentParser) -> None:
    """Nothing to choose: it does whatever is due until it is told to stop."""


def run(_arguments: Namespace, settings: Settings) -> Outcome:
    with opened(settings) as database:
        totals = work(database, settings, report=_say)
    return Outcome([f"{name}: {count}" for name, count in totals.items()], {"totals": totals})


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
