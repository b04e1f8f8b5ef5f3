"""`python -m market.peer --port 12111 --file peer.db --key sk_test_...` runs `market.peer.run.main`."""

import argparse

from market.peer.run import OPENING_BALANCE, main

parser = argparse.ArgumentParser(prog="python -m market.peer", description="The sandbox payment server.")
parser.add_argument("--port", type=int, default=12111, help="0 lets the system choose")
parser.add_argument("--file", required=True, help="the SQLite file that keeps its books")
parser.add_argument("--key", required=True, help="the secret key that clients present")
parser.add_argument("--webhook-url", help="where every event is posted")
parser.add_argument("--webhook-secret", help="what the events are signed with")
parser.add_argument("--payout-delay", type=float, default=1.0, help="seconds from a credit to its automatic payout")
parser.add_argument("--payout-step", type=float, default=0.5, help="seconds of each of pending, in_transit")
parser.add_argument("--webhook-retry", type=float, default=1.0, help="seconds before the second attempt")
parser.add_argument("--opening-balance", type=int, default=OPENING_BALANCE, help="the platform's, in tiyn")
parser.add_argument("--chaos", default="{}", help='faults, such as \'{"error_503": 0.05, "seed": 7}\'')
parser.add_argument("--clock-offset", type=float, default=0.0, help="seconds its clock is ahead")
parser.add_argument("--control", action="store_true", help="allow POST /sandbox/chaos and /sandbox/clock")

if __name__ == "__main__":
    main(**vars(parser.parse_args()))
