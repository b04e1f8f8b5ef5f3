"""A price limit ends early: the one thing about tariffs that looks up at the prices judged by them."""

from datetime import date
from uuid import UUID

from contracts.kernel.work import Work
from market.provider.queries import prices_from
from market.tariff import queries
from market.tariff.rules import PricesBeginLater
from market.tariff.service import end_price_limit


def end_limit(work: Work, limit_id: UUID, *, on: date) -> None:
    """From ``on`` it holds no longer. Raises PriceLimitNotFound, PriceLimitEndWrong, NotAllowed, and PricesBeginLater
    where a price that begins then would be left without a limit."""
    limit = queries.price_limit(work, limit_id, lock=True)  # who sets a price under it waits for us, or we for them
    end_price_limit(work, limit_id, on=on)
    if prices_from(work, limit, on):
        raise PricesBeginLater(pointer="/until_on", rule="no-price-without-limit")
