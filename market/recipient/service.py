"""Registering people, showing them to the few who may see them, recording what happens to them, forgetting them."""

from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import NotFound
from contracts.kernel.ids import birth_date, human_number, new_id
from contracts.kernel.work import Actor, Role, Work
from market.catalogue import queries as catalogue
from market.recipient import queries, representation
from market.recipient.models import RecipientRow
from market.recipient.rules import (
    LocalityElsewhere,
    NewRecipient,
    PersonalView,
    RecipientChanged,
    RecipientExists,
    RecipientNotFound,
    check_death,
    check_new,
    check_tier,
    rounded,
)
from market.user import personal
from market.user.personal import PersonErased, Vault

DESK = (Role.OPERATOR, Role.BUDGET_OFFICER)  # who writes down people of their territory


def register(work: Work, vault: Vault, new: NewRecipient) -> UUID:
    """A person with their own key. Raises RecipientExists, UnknownTerritory, UnknownLocality,
    LocalityElsewhere, Malformed."""
    work.actor.require(*DESK, territory=new.territory)
    check_new(new, today=work.today)
    _check_place(work, new)
    recipient_id = new_id()
    person = vault.new_person(work, recipient_id)
    written = work.insert_if_new(
        RecipientRow,
        seal=person.seal,
        id=recipient_id,
        number=human_number("R"),
        iin_hmac=vault.iin_hmac(new.iin),
        iin_sealed=person.seal_text(new.iin),
        name_sealed=person.seal_text(new.name.strip()),
        address_sealed=person.seal_text(new.address.strip()),
        territory=new.territory,
        locality_id=new.locality_id,
        latitude=rounded(new.latitude),
        longitude=rounded(new.longitude),
        category=new.category,
        tier=new.tier,
        language=new.language,
        registered_at=work.now,
        died_on=None,
        synthetic=new.synthetic,
        version=1,
    )
    if not written:
        raise RecipientExists(pointer="/iin", rule="one-registration-a-person")
    record(work, "recipient", recipient_id, "registered")
    return recipient_id


def reveal(work: Work, vault: Vault, recipient_id: UUID) -> PersonalView:
    """The person in the clear: to themselves, and, leaving an event, to a representative or an operator in scope.

    Runs in ``database.write`` because of that event. Raises PersonErased.
    """
    found = _visible(work, recipient_id, Role.OPERATOR)
    sealed = queries.sealed(work, recipient_id)
    person = vault.person(work, recipient_id)
    if not _holds(work.actor, Role.RECIPIENT, recipient_id):
        record(work, "recipient", found.id, "revealed")
    iin = person.open_text(sealed.iin_sealed)
    return PersonalView(
        iin=iin,
        name=person.open_text(sealed.name_sealed),
        address=person.open_text(sealed.address_sealed),
        born_on=birth_date(iin),
        latitude=sealed.latitude,
        longitude=sealed.longitude,
        category=sealed.category,
    )


def set_tier(work: Work, recipient_id: UUID, *, tier: int, version: int | None = None) -> None:
    """How urgent it is, from now on. Raises RecipientChanged where ``version`` is not the stored one."""
    found = _at_desk(work, recipient_id)
    check_tier(tier)
    read = RecipientRow.version == (found.version if version is None else version)
    if not work.update(RecipientRow, recipient_id, read, tier=tier, version=RecipientRow.version + 1):
        raise RecipientChanged(version=found.version)
    record(work, "recipient", recipient_id, "tier-set")


def record_death(work: Work, vault: Vault, recipient_id: UUID, *, died_on: date) -> None:
    """From that day on no voucher of this person is valid, and from now on nobody acts in their name. Raises
    DeathAlreadyRecorded, DeathInTheFuture, DeathBeforeBirth."""
    found = _at_desk(work, recipient_id, lock=True)
    check_death(died_on, found.died_on, born_on=_born_on(work, vault, recipient_id), today=work.today)
    alive = RecipientRow.died_on.is_(None)
    changed = work.update(RecipientRow, recipient_id, alive, died_on=died_on, version=RecipientRow.version + 1)
    assert changed, "the row is locked"
    record(work, "recipient", recipient_id, "death-recorded")
    representation.end_all_of(work, recipient_id)


def _born_on(work: Work, vault: Vault, recipient_id: UUID) -> date | None:
    try:
        person = vault.person(work, recipient_id)
    except PersonErased:
        return None
    return birth_date(person.open_text(queries.sealed(work, recipient_id).iin_sealed))


def erase(work: Work, recipient_id: UUID) -> None:
    """Destroy the person's key: name, IIN, address and the trail's after-images become noise, everywhere at once.

    The row stays, because contracts and acts name its id. By an administrator. Raises PersonErased when done before.
    """
    work.actor.require(Role.ADMINISTRATOR)
    found = queries.recipient(work, recipient_id)
    personal.erase(work, found.id)
    record(work, "recipient", found.id, "erased")


def _check_place(work: Work, new: NewRecipient) -> None:
    catalogue.territory(work, new.territory)
    if catalogue.locality(work, new.locality_id).territory != new.territory:
        raise LocalityElsewhere(pointer="/locality_id", rule="locality-in-territory")


def _visible(work: Work, recipient_id: UUID, *officers: Role) -> queries.Recipient:
    found = queries.recipient(work, recipient_id)
    try:
        work.act_for(recipient_id, *officers, territory=found.territory)
    except NotFound:
        raise RecipientNotFound from None
    return found


def _at_desk(work: Work, recipient_id: UUID, *, lock: bool = False) -> queries.Recipient:
    found = queries.recipient(work, recipient_id, lock=lock)
    if not work.actor.has(*DESK, territory=found.territory):
        raise RecipientNotFound
    return found


def _holds(actor: Actor, role: Role, recipient_id: UUID) -> bool:
    return any(g.role is role and g.recipient_id == recipient_id for g in actor.grants or ())
