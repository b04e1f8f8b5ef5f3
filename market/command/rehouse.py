"""``market rehouse``: where those served under an offer that has closed could go; decides nothing."""

from argparse import ArgumentParser, Namespace
from uuid import UUID

from contracts.kernel.errors import Malformed
from contracts.kernel.work import SYSTEM
from market.command.database import opened
from market.command.outcome import Outcome
from market.placement.rehoused import plan
from market.settings import Settings


class OfferIdUnreadable(Malformed):
    code = "offer-id-unreadable"
    title = "An offer is named by its id"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("offer", help="the id of the offer")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    """Raises OfferIdUnreadable, OfferNotFound, OfferStillOpen, RoundNotProven."""
    try:
        offer_id = UUID(arguments.offer)
    except ValueError:
        raise OfferIdUnreadable(pointer="/offer", rule="offer-id") from None
    with opened(settings) as database:
        moves = database.read(SYSTEM, lambda work: plan(work, offer_id))
    placed = [move for move in moves if move.offer_id is not None]
    lines = [
        f"{len(placed)} of {len(moves)} have another place",
        *(f"{move.placement_id}: {move.offer_id}, {move.distance_m} m from home" for move in placed),
    ]
    return Outcome(lines, {"moves": [move.to_json() for move in moves]})
