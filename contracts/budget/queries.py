from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from contracts.budget.models import FundingLineRow
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Work
from contracts.ledger import queries as ledger
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind


class FundingLineNotFound(NotFound):
    code = "funding-line-not-found"
    title = "There is no such funding line"


@dataclass(frozen=True, slots=True)
class FundingLine:
    id: UUID
    number: str
    programme: str
    territory: str
    service_kind: str
    year: int


@dataclass(frozen=True, slots=True)
class Availability:
    """A funding line's money by stage, in minor units. The stages add up to ``appropriated``."""

    appropriated: int
    free: int
    reserved: int
    committed: int
    payable: int
    paid: int


def line(work: Work, line_id: UUID, *, pointer: str = "") -> FundingLine:
    """``pointer``: where in a caller's input the id stood. Raises FundingLineNotFound."""
    found = work.find(FundingLine, FundingLineRow, FundingLineRow.id == line_id)
    if found is None:
        raise FundingLineNotFound(**({"pointer": pointer, "rule": "funding-line-known"} if pointer else {}))
    return found


def line_for(work: Work, *, territory: str, service_kind: str, year: int) -> FundingLine | None:
    """The line that pays for a kind of service in a territory (the first programme by number)."""
    lines = work.find_all(
        FundingLine,
        FundingLineRow,
        FundingLineRow.territory == territory,
        FundingLineRow.service_kind == service_kind,
        FundingLineRow.year == year,
        order_by=(FundingLineRow.number,),
        limit=1,
    )
    return lines[0] if lines else None


def lines(work: Work, *, territory: str = "", limit: int = 500) -> list[FundingLine]:
    return work.find_all(
        FundingLine,
        FundingLineRow,
        FundingLineRow.territory.startswith(territory, autoescape=True),
        order_by=(FundingLineRow.number,),
        limit=limit,
    )


def availability(work: Work, line_id: UUID) -> Availability:
    stages = ledger.balances_by_kind(work, line_id)
    by_stage = {kind: stages.get(kind, 0) for kind in AccountKind}
    return Availability(
        appropriated=sum(by_stage.values()),
        free=by_stage[AccountKind.APPROPRIATED],
        reserved=by_stage[AccountKind.RESERVED],
        committed=by_stage[AccountKind.COMMITTED],
        payable=by_stage[AccountKind.PAYABLE],
        paid=by_stage[AccountKind.PAID],
    )


def treasury_id(work: Work) -> UUID | None:
    found: UUID | None = work.scalar(sa.select(AccountRow.id).where(AccountRow.kind == AccountKind.TREASURY))
    return found
