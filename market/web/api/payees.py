"""Where an organisation's money goes: shown to itself and to officers, changed slowly and by two people."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.work import Role, Work
from contracts.payee import queries, service
from contracts.payee.rules import PayeeNotFound, VersionStatus
from market.provider.queries import Provider, provider
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Text, shown
from market.web.work import Id, TheCaller

READERS = (Role.PROCUREMENT_OFFICER, Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.AUDITOR)


class NewAccount(Asked):
    legal_name: Text
    iban: Annotated[str, Field(min_length=15, max_length=40)]


class PayeeVersionView(msgspec.Struct, frozen=True):
    id: UUID
    version: int
    legal_name: str
    iban: str
    status: VersionStatus
    requested_at: datetime
    approved_at: datetime | None


class PayeeDetails(msgspec.Struct, frozen=True):
    id: UUID
    provider_id: UUID
    bin: str
    versions: list[PayeeVersionView]


def show(work: Work, provider_id: UUID) -> PayeeDetails:
    territory = provider(work, provider_id).territory
    check_seen(work.actor, PayeeNotFound, territory=territory, provider_id=provider_id, officers=READERS)
    payee = queries.payee_of(work, provider_id)
    if payee is None:
        raise PayeeNotFound
    return shown(PayeeDetails, payee, versions=[shown(PayeeVersionView, v) for v in queries.versions(work, payee.id)])


@reads("/providers/{provider_id:uuid}/payee")
def get_payee(caller: TheCaller, provider_id: Id) -> PayeeDetails:
    return caller.read(lambda work: show(work, provider_id))


@writes("/providers/{provider_id:uuid}/payee")
def name_account(caller: TheCaller, provider_id: Id, data: JSONBody[NewAccount]) -> PayeeDetails:
    """The first account is active at once; a later one waits for time and a second person."""

    def change(work: Work) -> PayeeDetails:
        work.actor.require_provider(provider_id)
        payee = queries.payee_of(work, provider_id)
        if payee is None:
            service.open_payee(work, provider_id=provider_id, bin=provider(work, provider_id).bin, **data.values())
        else:
            service.request_change(work, payee.id, **data.values())
        return show(work, provider_id)

    return caller.write(change)


def _provider_of(work: Work, version_id: UUID) -> Provider:
    return provider(work, queries.payee(work, queries.version(work, version_id).payee_id).provider_id)


@writes("/payee-versions/{version_id:uuid}/approval")
def approve_account(caller: TheCaller, version_id: Id) -> PayeeDetails:
    def change(work: Work) -> PayeeDetails:
        of = _provider_of(work, version_id)
        service.approve_change(work, version_id, territory=of.territory)
        return show(work, of.id)

    return caller.write(change)


@writes("/payee-versions/{version_id:uuid}/rejection")
def reject_account(caller: TheCaller, version_id: Id) -> PayeeDetails:
    def change(work: Work) -> PayeeDetails:
        of = _provider_of(work, version_id)
        service.reject_change(work, version_id, territory=of.territory)
        return show(work, of.id)

    return caller.write(change)


@writes("/payee-versions/{version_id:uuid}/stop")
def stop_change(caller: TheCaller, version_id: Id) -> PayeeDetails:
    """By anybody who speaks for the organisation: "that was not us"."""

    def change(work: Work) -> PayeeDetails:
        service.stop_change(work, version_id)
        return show(work, _provider_of(work, version_id).id)

    return caller.write(change)


HANDLERS = [get_payee, name_account, approve_account, reject_account, stop_change]
