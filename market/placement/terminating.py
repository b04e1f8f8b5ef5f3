"""A contract ends before its time, and with it what was served under it: people, places and money in one decision."""

from datetime import date, timedelta
from uuid import UUID

from contracts.budget import queries as budget
from contracts.contract import service as contracting
from contracts.contract.rules import Basis, Contract, check_terminated_on
from contracts.kernel.errors import WrongState
from contracts.kernel.work import Work
from market.placement import ending_queries as queries
from market.placement.answering import awarded_to
from market.placement.ending import end_with_contract, withdraw
from market.placement.rules import EndsOn, Placement
from market.provider.queries import is_admitted, offers_openly
from market.voucher import queries as vouchers

OVER = "the contract was ended"


class StillOnList(WrongState):
    code = "still-on-list"
    title = (
        "The organisation still offers this help, so people would be placed there again: first suspend it in the"
        " register, or have it close its offers"
    )


def terminate(work: Work, contract_id: UUID, *, on: date, reason: str) -> None:
    """Served under the contract until that day (days gone by, too), and nobody after it. Every place is free from then,
    what the services will not need goes back to the vouchers, and who holds one that is still good waits on, since when
    they waited. All or nothing, by an officer of the territory who concludes contracts.

    A contract on the voucher list lasts as long as the organisation can be chosen. Nobody's confirmed visit is wiped
    out. Raises ContractNotFound, NotAllowed, InterestDeclared, WrongState, DayOutside, Malformed, StillOnList, EndsOn.
    """
    contract = contracting.terminate(work, contract_id, on=on, reason=reason)
    _check(work, contract, on)
    for placement in queries.served_from(work, contract_id, on):
        end_with_contract(work, placement, on)
    if contract.basis is Basis.VOUCHER_LIST:
        _withdraw_unanswered(work, contract)


def foresee(work: Work, contract: Contract, *, on: date) -> int:
    """How many services would end, where it may end on that day. Raises WrongState, DayOutside, StillOnList, EndsOn."""
    check_terminated_on(contract, on)
    _check(work, contract, on)
    return queries.count_served_from(work, contract.id, on)


def _check(work: Work, contract: Contract, on: date) -> None:
    if can_be_chosen(work, contract):
        raise StillOnList(rule="off-the-list-first")
    last = queries.last_confirmed_under(work, contract.id, on)
    if last is not None:
        raise EndsOn(f"Service of {last} was confirmed", pointer="/on", rule="end-after-confirmed-service")


def can_be_chosen(work: Work, contract: Contract) -> bool:
    """Whether it stands on the voucher list, and rounds and holders would go on placing people under it."""
    if contract.basis is not Basis.VOUCHER_LIST:
        return False
    kind = budget.line(work, contract.line_id).service_kind
    return is_admitted(work, contract.provider_id, work.today) and offers_openly(work, contract.provider_id, kind)


def _withdraw_unanswered(work: Work, contract: Contract) -> None:
    """What was asked for or offered, and could only be served under it."""
    for placement in queries.unanswered_with(work, contract):
        if not _is_awarded(work, placement):
            withdraw(work, placement, OVER)


def _is_awarded(work: Work, placement: Placement) -> bool:
    voucher = vouchers.voucher(work, placement.voucher_id)
    from_on = max(work.today + timedelta(days=1), voucher.from_on)
    return from_on < voucher.last_until and awarded_to(work, placement, voucher, from_on) is not None
