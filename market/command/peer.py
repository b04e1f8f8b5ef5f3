from argparse import ArgumentParser, Namespace

from market.command import limits
from market.command.listening import ensure_free
from market.command.outcome import Outcome
from market.payment_server import SANDBOX_PORT, payment_server
from market.peer.run import HOST, main
from market.settings import Settings


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=limits.port, default=SANDBOX_PORT)
    parser.add_argument("--webhook-url", help="where events are posted, e.g. the web server's /api/webhooks/payments")
    parser.add_argument("--payout-delay", type=float, default=1.0, help="seconds from a credit to its payout")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    ensure_free(HOST, arguments.port, instead="choose another --port")
    server = payment_server(settings)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    main(
        arguments.port, settings.home / "peer.db", server.key,
        webhook_url=arguments.webhook_url, webhook_secret=server.webhook_secret, payout_delay=arguments.payout_delay,
    )  # fmt: skip
    return Outcome()
