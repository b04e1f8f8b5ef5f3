from argparse import ArgumentParser, Namespace

from market.app import create_app
from market.command import limits
from market.command.database import opened
from market.command.listening import ensure_free
from market.command.outcome import Outcome
from market.settings import Settings
from market.web.serve import serve


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=limits.port, default=8000)


def run(arguments: Namespace, settings: Settings) -> Outcome:
    ensure_free(arguments.host, arguments.port, instead="choose another --port or --host")
    with opened(settings):
        pass  # one clear sentence now rather than a stack of errors at the first request
    serve(create_app(settings), arguments.host, arguments.port)
    return Outcome()
