"""People who are served. What tells who they are is shown to few, and each showing leaves an event."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.work import Work
from market.catalogue.rules import Category, Language
from market.placement import service as placement
from market.recipient import finding, queries, representation, service
from market.recipient.rules import NewRecipient as Registration
from market.recipient.rules import RecipientNotFound
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Day, Listing, TerritoryCode, Text, shown
from market.web.work import Id, TheCaller, TheVersion, tagged

Tier = Annotated[int, Field(ge=0, le=15)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class NewRecipient(Asked):
    """``tier`` 0 is the most urgent. The coordinates are those of the home."""

    iin: Annotated[str, Field(min_length=12, max_length=12)]
    name: Text
    address: Text
    territory: TerritoryCode
    locality_id: Annotated[int, Field(ge=0)]
    latitude: Degrees
    longitude: Degrees
    category: Category
    tier: Tier
    language: Language
    synthetic: bool = False


class NewTier(Asked):
    tier: Tier


class Death(Asked):
    died_on: Day


class Search(Asked):
    """``who``: the number on the person's papers, or an IIN."""

    who: Annotated[str, Field(min_length=1, max_length=40)]


class NewRepresentative(Asked):
    """``login``: who is to speak for the recipient. ``ground``: the document by kind, number and date, without names;
    ``until_on`` null: until it is taken back."""

    login: Annotated[str, Field(min_length=2, max_length=120)]
    ground: Annotated[str, Field(min_length=1, max_length=200)]
    from_on: Day
    until_on: Day | None = None


class RepresentationView(msgspec.Struct, frozen=True):
    grant_id: UUID
    user_id: UUID
    login: str
    recipient_id: UUID
    from_on: date
    until_on: date | None
    granted_by: UUID | None
    ground: str | None


class RecipientView(msgspec.Struct, frozen=True):
    id: UUID
    number: str
    territory: str
    locality_id: int
    tier: int
    language: Language
    registered_at: datetime
    died_on: date | None
    synthetic: bool
    version: int


class PersonalDetails(msgspec.Struct, frozen=True):
    iin: str
    name: str
    address: str
    born_on: date
    latitude: float
    longitude: float
    category: Category


def show(work: Work, recipient_id: UUID) -> RecipientView:
    found = queries.recipient(work, recipient_id)
    check_seen(work.actor, RecipientNotFound, territory=found.territory, recipient_id=found.id)
    return shown(RecipientView, found)


def show_representation(work: Work, grant_id: UUID) -> RepresentationView:
    found = queries.representation(work, grant_id)
    assert found is not None, "it was just written"
    return shown(RepresentationView, found)


@writes("/recipients")
def register(caller: TheCaller, data: JSONBody[NewRecipient]) -> RecipientView:
    return caller.write(lambda work: show(work, service.register(work, caller.vault, Registration(**data.values()))))


@reads("/recipients")
def list_recipients(caller: TheCaller, at: TheSlice, territory: Prefix = None) -> Listing[RecipientView]:
    found = caller.read(lambda work: lists.recipients(work, at, territory=territory))
    return at.listing(found, lambda person: shown(RecipientView, person), lambda person: person.id)


@reads("/recipients/{recipient_id:uuid}")
def get_recipient(caller: TheCaller, recipient_id: Id) -> Response[RecipientView]:
    view = caller.read(lambda work: show(work, recipient_id))
    return tagged(view, view.version)


@writes("/recipients/{recipient_id:uuid}/disclosure")
def disclose(caller: TheCaller, recipient_id: Id) -> PersonalDetails:
    """Who it is: to themselves, and, leaving an event, to a representative or an operator in scope."""
    return caller.write(lambda work: shown(PersonalDetails, service.reveal(work, caller.vault, recipient_id)))


@writes("/recipients/search")
def search(caller: TheCaller, data: JSONBody[Search]) -> RecipientView:
    """For operators. Each search is kept, also one that finds nobody; whoever lives elsewhere is not found."""

    def look(work: Work) -> RecipientView | None:
        found = finding.find(work, caller.vault, data.who)
        return show(work, found.id) if found else None

    found = caller.write(look)
    if found is None:
        raise RecipientNotFound(pointer="/who", rule="in-your-territory")
    return found


@reads("/recipients/{recipient_id:uuid}/representatives")
def list_representatives(caller: TheCaller, recipient_id: Id) -> Listing[RepresentationView]:
    """Who speaks for the person, has spoken or will, the newest first."""
    found = caller.read(lambda work: representation.representatives(work, recipient_id))
    return Listing([shown(RepresentationView, one) for one in found])


@writes("/recipients/{recipient_id:uuid}/representatives")
def appoint(caller: TheCaller, recipient_id: Id, data: JSONBody[NewRepresentative]) -> RepresentationView:
    """By an operator or budget officer of the recipient's territory, or an administrator. It ends with a death."""

    def write(work: Work) -> RepresentationView:
        user_id = representation.user_to_appoint(work, recipient_id, data.login)
        grant_id = representation.appoint(
            work, recipient_id, user_id=user_id, ground=data.ground, from_on=data.from_on, until_on=data.until_on
        )
        return show_representation(work, grant_id)

    return caller.write(write)


@writes("/representations/{grant_id:uuid}/revocation")
def dismiss(caller: TheCaller, grant_id: Id) -> RepresentationView:
    return caller.do(
        lambda work: representation.dismiss(work, grant_id), lambda work: show_representation(work, grant_id)
    )


@writes("/recipients/{recipient_id:uuid}/tier")
def set_tier(
    caller: TheCaller, version: TheVersion, recipient_id: Id, data: JSONBody[NewTier]
) -> Response[RecipientView]:
    view = caller.do(
        lambda work: service.set_tier(work, recipient_id, tier=data.tier, version=version),
        lambda work: show(work, recipient_id),
    )
    return tagged(view, view.version)


@writes("/recipients/{recipient_id:uuid}/death")
def record_death(caller: TheCaller, recipient_id: Id, data: JSONBody[Death]) -> RecipientView:
    """The person's placements end with that day, and what is not needed goes back to the funding lines."""

    def write(work: Work) -> None:
        service.record_death(work, caller.vault, recipient_id, died_on=data.died_on)
        placement.end_all_of(work, recipient_id, died_on=data.died_on)

    return caller.do(write, lambda work: show(work, recipient_id))


@writes("/recipients/{recipient_id:uuid}/erasure", status=204)
def erase(caller: TheCaller, recipient_id: Id) -> None:
    """The person's key is destroyed: what tells who it was is noise from then on, everywhere."""
    caller.write(lambda work: service.erase(work, recipient_id))


HANDLERS = [
    register, list_recipients, search, get_recipient, disclose, list_representatives, appoint, dismiss, set_tier,
    record_death, erase,
]  # fmt: skip
