"""The buttons on an object's page: each is the service's verb, sent as a form that works without a script."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.act import service as act
from contracts.act.rules import ActStatus
from contracts.contract import service as contract
from contracts.contract.rules import ContractStatus
from contracts.kernel.errors import Malformed
from contracts.kernel.work import Actor, Role, Work
from contracts.payment import service as payment
from contracts.register import service as register
from contracts.register.rules import EntryStatus
from market.competition import service as competition
from market.competition.rules import TenderStatus
from market.placement import service as placement
from market.placement.rules import PlacementStatus
from market.provider import service as provider
from market.provider.rules import ProviderStatus
from market.voucher.rules import VoucherStatus
from market.web.language import _

Sent = dict[str, str]
View = Any  # one of the API's structs; which one, the noun knows


@dataclass(frozen=True, slots=True)
class Verb:
    """``fits``: whether the button is shown; the service decides for good. ``needs``: a field the reader fills in,
    ``reason`` or ``offer_id``."""

    noun: str
    name: str
    label: str
    carry_out: Callable[[Work, UUID, Sent], object]
    fits: Callable[[Actor, View], bool]
    needs: str | None = None


def _own(actor: Actor, view: View) -> bool:
    return view.provider_id in actor.directs()


def _holder(actor: Actor, view: View) -> bool:
    return view.recipient_id in actor.recipients() or actor.has(Role.OPERATOR)


def _answers(actor: Actor, view: View) -> bool:
    asked, offered = view.status is PlacementStatus.REQUESTED, view.status is PlacementStatus.OFFERED
    return (asked and _own(actor, view)) or (offered and _holder(actor, view))


def offer_id_in(sent: Sent) -> UUID:
    try:
        return UUID(sent.get("offer_id", ""))
    except ValueError:
        raise Malformed("Choose an offer", pointer="/offer_id") from None


VERBS = (
    Verb(
        "vouchers", "bookings", _("Ask for a place"),
        lambda work, key, sent: placement.book(work, key, offer_id_in(sent)),
        lambda actor, view: _holder(actor, view) and view.status is VoucherStatus.ISSUED, "offer_id",
    ),
    Verb(
        "vouchers", "request", _("Wait for a place"), lambda work, key, _sent: placement.ask(work, key),
        lambda actor, view: _holder(actor, view) and view.status is VoucherStatus.ISSUED,
    ),
    Verb(
        "placements", "acceptance", _("Accept"), lambda work, key, _sent: placement.accept(work, key), _answers,
    ),
    Verb(
        "placements", "refusal", _("Refuse"),
        lambda work, key, sent: placement.decline(work, key, reason=sent.get("reason", "")), _answers, "reason",
    ),
    Verb(
        "entries", "confirmation", _("Confirm this visit"), lambda work, key, _sent: register.confirm(work, key),
        lambda actor, view: _holder(actor, view) and view.status is EntryStatus.ENTERED,
    ),
    Verb(
        "contracts", "signature", _("Sign"), lambda work, key, _sent: contract.sign(work, key),
        lambda actor, view: _own(actor, view) and view.status is ContractStatus.PENDING,
    ),
    Verb(
        "acts", "submission", _("Submit"), lambda work, key, _sent: act.submit(work, key),
        lambda actor, view: _own(actor, view) and view.status in {ActStatus.DRAFT, ActStatus.RETURNED},
    ),
    Verb(
        "acts", "acceptance", _("Accept"), lambda work, key, _sent: act.accept(work, key),
        lambda actor, view: actor.has(Role.BUDGET_OFFICER) and view.status is ActStatus.SUBMITTED,
    ),
    Verb(
        "acts", "return", _("Give back"),
        lambda work, key, sent: act.return_act(work, key, reason=sent.get("reason", "")),
        lambda actor, view: actor.has(Role.BUDGET_OFFICER) and view.status is ActStatus.SUBMITTED, "reason",
    ),
    Verb(
        "acts", "payment", _("Order the payment"), lambda work, key, _sent: payment.order(work, key),
        lambda actor, view: actor.has(Role.FINANCE_OFFICER) and view.status is ActStatus.ACCEPTED,
    ),
    Verb(
        "providers", "admission", _("Admit"), lambda work, key, _sent: provider.admit(work, key),
        lambda actor, view: actor.has(Role.PROCUREMENT_OFFICER) and view.status is ProviderStatus.REGISTERED,
    ),
    Verb(
        "tenders", "publication", _("Publish"), lambda work, key, _sent: competition.publish(work, key),
        lambda actor, view: actor.has(Role.PROCUREMENT_OFFICER) and view.status is TenderStatus.DRAFT,
    ),
    Verb(
        "tenders", "opening", _("Open the bids"), lambda work, key, _sent: competition.open_bids(work, key),
        lambda actor, view: actor.has(Role.PROCUREMENT_OFFICER) and view.status is TenderStatus.PUBLISHED,
    ),
    Verb(
        "lots", "award", _("Decide the award"), lambda work, key, _sent: competition.award(work, key),
        lambda actor, view: actor.has(Role.PROCUREMENT_OFFICER) and view.award is None,
    ),
)  # fmt: skip


def buttons(noun: str, actor: Actor, view: View) -> list[Verb]:
    """What this actor may try on this object. Nobody signed in, no button."""
    return [verb for verb in VERBS if actor.id and verb.noun == noun and verb.fits(actor, view)]
