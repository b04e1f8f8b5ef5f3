"""Who speaks for a recipient: appointed by an office on the ground of a document, for some days, until it is taken back
or the recipient dies."""

import unicodedata
from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.errors import Conflict, Malformed, NotFound
from contracts.kernel.work import Role, Work
from market.recipient import queries
from market.recipient.models import RepresentationRow
from market.recipient.queries import Representation
from market.recipient.rules import DeathAlreadyRecorded, RecipientNotFound
from market.user import queries as users
from market.user import service as granting
from market.user.rules import NotToOneself, UserNotFound

OFFICERS = (Role.OPERATOR, Role.BUDGET_OFFICER)
MAX_GROUND = 200  # a document's kind, number and date


class RepresentationNotFound(NotFound):
    code = "representation-not-found"
    title = "Nobody represents this recipient in this way"


class AlreadyRepresents(Conflict):
    code = "already-represents"
    title = "This user represents this recipient on some of these days already"


def appoint(
    work: Work, recipient_id: UUID, *, user_id: UUID, ground: str, from_on: date, until_on: date | None = None
) -> UUID:
    """By an operator or budget officer of the recipient's territory, or an administrator; nobody appoints themselves.
    The grant's id. ``ground`` names the document by its kind, number and date, and no person.

    Raises DeathAlreadyRecorded, AlreadyRepresents, IncompatibleRoles, NotToOneself, UserNotFound, Malformed.
    """
    holder = _for_officer(work, recipient_id, lock=True)
    reason = _clean(ground)
    if until_on is not None and until_on <= max(from_on, work.today):
        raise Malformed("It ends after it begins, and not before tomorrow", pointer="/until_on", rule="period")
    if holder.died_on is not None:
        raise DeathAlreadyRecorded(died_on=holder.died_on.isoformat())
    if user_id == work.actor.id:
        raise NotToOneself(rule="not-to-oneself", pointer="/login")
    for one in queries.representations(work, recipient_id):
        if one.user_id == user_id and _share_days(one, from_on, until_on):
            raise AlreadyRepresents(pointer="/login", rule="one-representation-at-a-time")
    grant_id = granting.let_represent(work, user_id, recipient_id=recipient_id, from_on=from_on, until_on=until_on)
    work.insert(RepresentationRow, grant_id=grant_id, recipient_id=recipient_id, ground=reason)
    record(work, "recipient", recipient_id, "represented")
    return grant_id


def user_to_appoint(work: Work, recipient_id: UUID, login: str) -> UUID:
    """Only who may appoint learns whether somebody signs in by this name. Raises UserNotFound naming the field."""
    _for_officer(work, recipient_id)
    try:
        return users.user_of_login(work, login).id
    except UserNotFound:
        raise UserNotFound(pointer="/login", rule="known-user") from None


def dismiss(work: Work, grant_id: UUID) -> None:
    """From now on the user does not speak for the recipient. By whoever may appoint. One that has ended stays as it is.
    Raises RepresentationNotFound."""
    found = queries.representation(work, grant_id)
    try:
        if found is None:
            raise RepresentationNotFound
        _for_officer(work, found.recipient_id)
    except RecipientNotFound:
        raise RepresentationNotFound from None
    granting.end_grant(work, grant_id)


def representatives(work: Work, recipient_id: UUID) -> list[Representation]:
    """Past, present and future. For whoever may appoint, for the recipient and for those who represent them."""
    if recipient_id not in work.actor.recipients():
        _for_officer(work, recipient_id)
    return queries.representations(work, recipient_id)


def end_all_of(work: Work, recipient_id: UUID) -> None:
    """Nobody acts in the name of the dead. Checks no role: for whoever has just recorded the death."""
    for grant_id in users.personal_grants(work, recipient_id):
        granting.end_grant(work, grant_id)


def _for_officer(work: Work, recipient_id: UUID, *, lock: bool = False) -> queries.Recipient:
    found = queries.recipient(work, recipient_id, lock=lock)
    if not work.actor.has(Role.ADMINISTRATOR) and not work.actor.has(*OFFICERS, territory=found.territory):
        raise RecipientNotFound
    return found


def _share_days(one: Representation, from_on: date, until_on: date | None) -> bool:
    if one.until_on == one.from_on:
        return False  # taken back before it began
    return (until_on is None or one.from_on < until_on) and (one.until_on is None or from_on < one.until_on)


def _clean(ground: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", ground).split())
    if not 0 < len(text) <= MAX_GROUND or not text.isprintable():
        raise Malformed(
            f"Name the document by its kind, number and date, in 1 to {MAX_GROUND} characters",
            pointer="/ground",
            rule="ground-given",
        )
    return text
