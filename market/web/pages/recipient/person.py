"""Whose pages these are: the person by number, and in which capacity the reader may look and act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response

from contracts.kernel.errors import NotFound
from contracts.kernel.work import Role, Work
from market.recipient import finding, queries
from market.recipient.queries import Recipient
from market.recipient.rules import RecipientNotFound
from market.voucher.queries import voucher_numbered
from market.voucher.rules import Voucher, VoucherNotFound
from market.web.pages.form import EMPTY, Filled, Said
from market.web.rendering import render
from market.web.work import Caller, WebRequest


@dataclass(frozen=True, slots=True)
class Person:
    """``name`` None: erased. ``capacity``: themselves, a representative, or an operator."""

    id: UUID
    number: str
    name: str | None
    capacity: Role
    alive: bool

    @property
    def address(self) -> str:
        return f"/people/{self.number}"

    @property
    def is_self(self) -> bool:
        return self.capacity is Role.RECIPIENT

    @property
    def by_office(self) -> bool:
        return self.capacity is Role.OPERATOR


def person_of(caller: Caller, number: str) -> Person:
    """Raises RecipientNotFound to whoever is neither the person nor stands in for them."""

    def read(work: Work) -> tuple[Recipient, Role]:
        found = queries.recipient_numbered(work, number)
        role = work.actor.capacity_for(found.id, Role.OPERATOR, territory=found.territory)
        if role is None:
            raise RecipientNotFound
        return found, role

    found, role = caller.read(read)
    name = names_of(caller, [found]).get(found.id)
    return Person(found.id, found.number, name, role, found.died_on is None)


def names_of(caller: Caller, people: Sequence[Recipient]) -> dict[UUID, str]:
    """What a stand-in has not been shown today leaves an event, and only then is anything written."""
    known = caller.read(lambda work: finding.names_known(work, caller.vault, people))
    if all(one.id in known for one in people):
        return known
    return caller.write(lambda work: finding.names_shown(work, caller.vault, people))


def voucher_of(work: Work, person: Person, number: str) -> Voucher:
    """Raises VoucherNotFound, also where it is somebody else's."""
    found = voucher_numbered(work, number)
    if found.recipient_id != person.id:
        raise VoucherNotFound
    return found


def check_own(recipient_id: UUID, person: Person, missing: type[NotFound]) -> None:
    if recipient_id != person.id:
        raise missing


def show(
    request: WebRequest,
    person: Person,
    template: str,
    *,
    filled: Filled = EMPTY,
    fields: Sequence[str] = (),
    **context: Any,
) -> Response[str]:
    """``fields``: those the page has; what is wrong elsewhere is wrong with the whole."""
    faults = [fault if fault.field in fields else Said("", fault.text) for fault in filled.faults]
    seen = Filled(filled.typed, faults)
    return render(request, f"recipient/{template}.html", person=person, filled=seen, **context)
