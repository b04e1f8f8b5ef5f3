"""Opening a payee, and changing where its money goes."""

from typing import Any
from uuid import UUID

from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.kernel.ids import new_id, parse_bin, parse_iban
from contracts.kernel.work import Role, Work
from contracts.payee import queries
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import (
    VERSION,
    ChangeWaits,
    PayeeExists,
    PayeeNotFound,
    PersonNeeded,
    Version,
    VersionStatus,
    check_approval,
    clean_name,
)


def open_payee(work: Work, *, provider_id: UUID, bin: str, legal_name: str, iban: str) -> UUID:  # noqa: A002 - the law's word
    """The provider's first account is active at once: nothing can be paid before the provider is admitted, and who
    admits it sees the account. Raises Malformed (BIN, IBAN), PayeeExists."""
    work.actor.require_provider(provider_id)
    payee_id = new_id()
    if not work.insert_if_new(PayeeRow, id=payee_id, provider_id=provider_id, bin=parse_bin(bin)):
        raise PayeeExists(rule="one-payee-a-provider", pointer="/bin")
    _add_version(work, payee_id, 1, VersionStatus.ACTIVE, legal_name=legal_name, iban=iban)
    record(work, "payee", payee_id, "opened")
    return payee_id


def request_change(work: Work, payee_id: UUID, *, legal_name: str, iban: str) -> UUID:
    """A new version that waits for time and a second person; payments go to the old one until then. Raises
    ChangeWaits where one waits already."""
    payee = queries.payee(work, payee_id)
    work.actor.require_provider(payee.provider_id)
    past = queries.versions(work, payee_id)
    if any(version.status is VersionStatus.WAITING for version in past):
        raise ChangeWaits(rule="one-change-at-a-time")
    version_id = _add_version(work, payee_id, len(past) + 1, VersionStatus.WAITING, legal_name=legal_name, iban=iban)
    record(work, "payee", payee_id, "change-requested")
    return version_id


def approve_change(work: Work, version_id: UUID, *, territory: str) -> None:
    """By a finance officer of the provider's ``territory`` (a payee has none; the caller knows the provider) who did
    not ask for it, after the waiting time. Acts accepted before keep the version that was active then. Raises
    SecondPersonNeeded, InterestDeclared, ChangeTooEarly, WrongState."""
    version, person = _for_decision(work, version_id, territory)
    status = VERSION.after("approved", version.status)
    check_approval(version, by=person, now=work.clock())
    active = queries.active_version(work, version.payee_id)
    if active is not None:
        _move(work, active, VERSION.after("superseded", active.status))
    _move(work, version, status, approved_by=person, approved_at=work.now)
    record(work, "payee", version.payee_id, "change-approved")


def reject_change(work: Work, version_id: UUID, *, territory: str) -> None:
    """At any time: a warning needs no waiting. Raises InterestDeclared, WrongState."""
    version, _ = _for_decision(work, version_id, territory)
    _move(work, version, VERSION.after("rejected", version.status))
    record(work, "payee", version.payee_id, "change-rejected")


def stop_change(work: Work, version_id: UUID) -> None:
    """By anybody who speaks for the organisation, also who asked for it: "that was not us". Raises WrongState."""
    version = queries.version(work, version_id, lock=True)
    work.actor.require_provider(queries.payee(work, version.payee_id).provider_id)
    _move(work, version, VERSION.after("stopped", version.status))
    record(work, "payee", version.payee_id, "change-stopped")


def _add_version(work: Work, payee_id: UUID, number: int, status: VersionStatus, *, legal_name: str, iban: str) -> UUID:
    version_id = new_id()
    added = work.insert_if_new(
        PayeeVersionRow,
        id=version_id,
        payee_id=payee_id,
        version=number,
        legal_name=clean_name(legal_name),
        iban=parse_iban(iban),
        status=status,
        requested_by=work.actor.id or UUID(int=0),  # the system seeds
        requested_at=work.now,
        approved_by=None,
        approved_at=None,
        connected_account=None,
    )
    if not added:  # somebody else asked at the same moment
        raise ChangeWaits(rule="one-change-at-a-time")
    return version_id


def _for_decision(work: Work, version_id: UUID, territory: str) -> tuple[Version, UUID]:
    if not work.actor.has(Role.FINANCE_OFFICER, territory=territory):
        raise PayeeNotFound
    if work.actor.id is None:
        raise PersonNeeded
    version = queries.version(work, version_id, lock=True)
    check_disinterested(work, frozenset({queries.payee(work, version.payee_id).provider_id}))
    return version, work.actor.id


def _move(work: Work, version: Version, status: VersionStatus, **changed: Any) -> None:
    same = PayeeVersionRow.status == version.status
    moved = work.update(PayeeVersionRow, version.id, same, status=status, **changed)
    assert moved, "the row is locked"
