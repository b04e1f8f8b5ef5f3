"""The organisation's contracts: what is agreed, and what waits for its signature."""

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act.dated import made_by, vat_settings
from contracts.budget.queries import numbers_of
from contracts.contract import service
from contracts.contract.queries import contract
from contracts.contract.rules import Contract, ContractNotFound
from contracts.kernel.work import Work
from contracts.payee.queries import active_version
from contracts.payment.advance_queries import contracts_with_advances
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.web import queries as lists
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, new_key, submit
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.work import Caller, Id, TheCaller, WebRequest

HERE = "/contracts"


@dataclass(frozen=True, slots=True)
class Agreed:
    """A contract with its service, where an award fixed it, in words."""

    contract: Contract
    line_number: str
    kind: ServiceKind | None
    setting: CareSetting | None
    unit: Unit | None
    has_advances: bool


@get("/organisations/{number:str}/contracts", sync_to_thread=True)
def show_contracts(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return _show(request, caller, at, number, EMPTY)


def _show(request: WebRequest, caller: Caller, at: TheSlice, number: str, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        house = house_of(work, number)
        found = lists.contracts(work, at, territory=None, status=None, provider_id=house.id)
        advanced = contracts_with_advances(work, [one.id for one in found])
        lines = numbers_of(work, {one.line_id for one in found})
        return {
            "house": house, "agreed": [_agreed(one, lines[one.line_id], one.id in advanced) for one in found],
            "made_by": made_by(work, house.id, territory=house.territory, day=work.today),
            "taxes": vat_settings(work, house.id),
            "accounts": {one: active_version(work, one) for one in {contract.payee_id for contract in found}},
        }  # fmt: skip

    found = caller.read(read)
    agreed = at.listing(found["agreed"], lambda one: one, lambda one: one.contract.id)
    return desk_page(
        request, "contracts", found["house"], HERE, filled=filled, key=new_key(), agreed=agreed,
        made_by=found["made_by"], taxes=found["taxes"], accounts=found["accounts"],
    )  # fmt: skip


def _agreed(one: Contract, line_number: str, has_advances: bool) -> Agreed:
    kind, setting, unit = one.service or (None, None, None)
    return Agreed(
        one, line_number, ServiceKind(kind) if kind else None, CareSetting(setting) if setting else None,
        Unit(unit) if unit else None, has_advances,
    )  # fmt: skip


@post("/organisations/{number:str}/contracts/{contract_id:uuid}/signature", sync_to_thread=True)
def sign(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], contract_id: Id, data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        if contract(work, contract_id).provider_id != house_of(work, number).id:
            raise ContractNotFound
        service.sign(work, contract_id)

    return submit(
        request, caller, data, do=do, again=lambda filled: _show(request, caller, at, number, filled),
        to=address_of(number, HERE), said=_("The contract is signed and in force."),
    )  # fmt: skip


HANDLERS = [show_contracts, sign]
