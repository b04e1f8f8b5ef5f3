"""What providers and officers do with advances on a payment's path: asked for, approved by another, ordered. From then
on an advance is a payment like any other, and what it left is set off against whatever is ordered next."""

from uuid import UUID

import sqlalchemy as sa

from contracts.approval.models import ApprovalRow
from contracts.approval.rules import Verdict
from contracts.contract import queries as contracts
from contracts.contract.models import ContractRow
from contracts.kernel.work import Actor, Grant, Role, Work
from contracts.payment import advance_queries, advancing
from contracts.payment.advance_models import AdvanceRow, AdvanceTermRow
from contracts.payment.advance_rules import AdvanceStatus
from tests.payment.advance_designs import ADVANCE_ORDERS
from tests.payment.official import DANA, ERLAN, Official

ADVANCED = ("ask advance", "approve advance", "order advance")


class AdvanceClerk(Official):
    def ask_advance(self) -> int:
        """Each contract that says something of advances has one, of all that it allows."""
        contract_id = self.one_of(never_asked())
        if contract_id is None:
            return 0

        def read(work: Work) -> tuple[UUID, int]:
            contract = contracts.contract(work, contract_id)
            return contract.provider_id, advance_queries.allowance(work, contract).ceiling_minor

        provider_id, most = self.database.read(DANA, read)
        director = Actor(UUID(int=301), "Director", (Grant(Role.PROVIDER, provider_id=provider_id),))
        return self.commit(
            "ask advance", director,
            lambda work: advancing.ask(work, contract_id, amount_minor=most, purpose="two cars"),
        )  # fmt: skip

    def approve_advance(self) -> int:
        one = self.one_of(_asked().where(~_approved()))
        yes = Verdict.APPROVED
        return one is not None and self.commit(
            "approve advance", ERLAN, lambda work: advancing.decide(work, one, verdict=yes)
        )

    def order_advance(self) -> int:
        one = self.one_of(_asked().where(_approved()))
        if one is None:
            return 0
        if wrong := ADVANCE_ORDERS.get(self.design):
            return wrong(self.commit, DANA, one)
        return self.commit("order advance", DANA, lambda work: advancing.order(work, one))


def never_asked() -> "sa.Select[UUID]":
    asked = sa.exists().where(AdvanceRow.contract_id == ContractRow.id)
    agreed = sa.exists().where(AdvanceTermRow.contract_id == ContractRow.id)
    return sa.select(ContractRow.id).where(agreed, ~asked).order_by(ContractRow.id)


def _asked() -> "sa.Select[UUID]":
    return sa.select(AdvanceRow.id).where(AdvanceRow.status == AdvanceStatus.ASKED)


def _approved() -> sa.ColumnElement[bool]:
    return sa.exists().where(ApprovalRow.subject_id == AdvanceRow.id)


def open_advances() -> "sa.Select[int]":
    """Not asked for yet, or not ordered; what became of an ordered one, its payment tells."""
    waiting = sa.select(sa.func.count()).select_from(_asked().subquery()).scalar_subquery()
    unasked = sa.select(sa.func.count()).select_from(never_asked().order_by(None).subquery()).scalar_subquery()
    return sa.select(waiting + unasked)
