"""One contract on the way from the budget to a visit: its engagements, its acts and its advances."""

from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from contracts.act.dated import made_by
from contracts.act.queries import acts_of_contract
from contracts.approval.queries import is_free
from contracts.budget import queries as budget
from contracts.contract import queries as contracts
from contracts.contract.rules import ContractStatus
from contracts.contract.service import CONCLUDERS
from contracts.kernel.work import Work
from contracts.payee.queries import active_version
from contracts.payment import advance_queries as advances
from market.oversight.spending import committed_to, engagements_of_contract
from market.provider.queries import provider
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, new_key
from market.web.pages.officer.contract_end import ends_of
from market.web.pages.officer.lines import line_address
from market.web.pages.officer.sight import MONEY
from market.web.rendering import render
from market.web.wire import Slice
from market.web.work import Caller, TheCaller, WebRequest

DAY = timedelta(days=1)
MOST_ACTS = 60  # of one contract: five years, a month each


@get("/budget/contracts/{number:str}", sync_to_thread=True)
def show_contract(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return show_again(request, caller, at, number, EMPTY)


def show_again(request: WebRequest, caller: Caller, at: Slice, number: str, filled: Filled) -> Response[str]:
    """``filled``: the form of what the contract says of advances, with its faults."""

    def read(work: Work) -> dict[str, Any]:
        contract = contracts.contract_numbered(work, number, *MONEY)
        line = budget.line(work, contract.line_id)
        engagements = engagements_of_contract(work, contract.id, after=at.after, limit=at.limit)
        return {
            "contract": contract,
            "last_on": contract.until_on - DAY,
            "provider": provider(work, contract.provider_id),
            "account": active_version(work, contract.payee_id),
            "line": line,
            "made_by": made_by(work, contract.provider_id, territory=contract.territory, day=work.today),
            "line_address": line_address(line),
            "committed": committed_to(work, contract.id),
            "acts": acts_of_contract(work, contract.id, limit=MOST_ACTS),
            "engagements": engagements,
            "allowed": advances.allowance(work, contract),
            "terms_of_advances": advances.terms_of(work, contract.id),
            "advances": advances.advances_of_contract(work, contract.id),
            "uses": advances.uses(work, [one.id for one in advances.advances_of_contract(work, contract.id)]),
            "today": work.today,
            "may_agree": work.actor.has(*CONCLUDERS, territory=contract.territory)
            and contract.status in (ContractStatus.PENDING, ContractStatus.ACTIVE),
            "ends": ends_of(work, contract),
            "tied": work.actor.has(*CONCLUDERS, territory=contract.territory)
            and not is_free(work, contract.provider_id),
            "prices": contracts.prices_of(work, [one.id for one in engagements]),
        }

    found = caller.read(read)
    engagements = at.listing(found.pop("engagements"), lambda one: one, lambda one: one.id)
    return render(
        request, "officer/contract.html", engagements=engagements, filled=filled, key=new_key(), **found
    )  # fmt: skip


HANDLERS = [show_contract]
