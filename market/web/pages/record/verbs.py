"""The buttons on a record's page: each is a service's verb, sent as a form that works without a script, and shown only
where the service would carry it out. What officers decide, they decide on their desks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.act import queries as acts
from contracts.act import service as act
from contracts.act.rules import ActStatus, is_open
from contracts.approval.queries import is_free
from contracts.contract import queries as contracts
from contracts.contract import service as contract
from contracts.contract.rules import ContractStatus
from contracts.kernel.errors import Malformed, NotFound
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.register import queries as registers
from contracts.register import service as register
from contracts.register.rules import EntryStatus
from market.placement import queries as placing
from market.placement import service as placement
from market.placement.rules import PlacementStatus, RequestStatus
from market.voucher import service as granting
from market.voucher.queries import is_valid, voucher
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
    said: str
    carry_out: Callable[[Work, UUID, Sent], object]
    fits: Callable[[Work, View], bool]
    needs: str | None = None


def _own(work: Work, view: View) -> bool:
    return view.provider_id in work.actor.directs()


def _holder(work: Work, recipient_id: UUID, territory: str) -> bool:
    return recipient_id in work.actor.recipients() or work.actor.has(Role.OPERATOR, territory=territory)


def _may_book(work: Work, view: View) -> bool:
    found = voucher(work, view.id)
    if not _holder(work, view.recipient_id, view.territory) or not is_valid(found, max(work.today, found.from_on)):
        return False
    request = _request(work, view.id)
    return request is None or placing.live_placement_of(work, request.id) is None


def _may_wait(work: Work, view: View) -> bool:
    request = _request(work, view.id)
    return _may_book(work, view) and (request is None or request.status is RequestStatus.CLOSED)


def _request(work: Work, voucher_id: UUID) -> Any:  # the placement's request, or none
    try:
        return placing.request_of_voucher(work, voucher_id)
    except NotFound:
        return None


def _answers(work: Work, view: View) -> bool:
    if work.now >= view.respond_until:
        return False
    if view.status is PlacementStatus.REQUESTED:
        return _own(work, view)
    territory = voucher(work, view.voucher_id).territory
    return view.status is PlacementStatus.OFFERED and _holder(work, view.recipient_id, territory)


def _confirms(work: Work, view: View) -> bool:
    """Nobody confirms what they entered themselves."""
    entry = registers.entry(work, view.id)
    own = view.recipient_id in work.actor.recipients()
    return own and entry.status is EntryStatus.ENTERED and entry.entered_by != work.actor.id


def _strikes(work: Work, view: View) -> bool:
    return _would_strike(work, view) and not _is_tied_to(work, contracts.contract(work, view.contract_id).provider_id)


def _would_strike(work: Work, view: View) -> bool:
    """By an officer, as long as no act holds it that is out of the provider's hands."""
    if view.status is EntryStatus.CANCELLED:
        return False
    office = work.actor.has(Role.BUDGET_OFFICER, territory=contracts.contract(work, view.contract_id).territory)
    return office and (view.act_id is None or is_open(acts.act(work, view.act_id)))


def _is_tied_to(work: Work, provider_id: UUID) -> bool:
    """Not towards one's own organisation: its people take back what they entered."""
    return provider_id not in work.actor.providers() and not is_free(work, provider_id)


def is_tied(noun: str, work: Work, view: View) -> bool:
    """Whether a declared interest, and nothing else, hides a button from this actor."""
    if work.actor.id is None or noun != "entries" or not _would_strike(work, view):
        return False
    return _is_tied_to(work, contracts.contract(work, view.contract_id).provider_id)


def _hands_in(work: Work, view: View) -> bool:
    if view.status not in {ActStatus.DRAFT, ActStatus.RETURNED} or not _own(work, view):
        return False
    month = Month.parse(view.month)
    unserved = registers.outside_engagement(work, view.id, view.contract_id, month)
    return acts.count_lines(work, view.id) > 0 and not unserved


def _may_revoke(work: Work, view: View) -> bool:
    in_office = work.actor.has(Role.BUDGET_OFFICER, territory=view.territory)
    return in_office and view.status is VoucherStatus.ISSUED


def _revoke(work: Work, key: UUID, sent: Sent) -> None:
    """What no engagement holds goes back to the line; a place that nobody has answered for is free again."""
    granting.revoke(work, key, reason=sent.get("reason", ""))
    placement.withdraw_of_voucher(work, key)


def offer_id_in(sent: Sent) -> UUID:
    try:
        return UUID(sent.get("offer_id", ""))
    except ValueError:
        raise Malformed("Choose an offer", pointer="/offer_id") from None


VERBS = (
    Verb(
        "vouchers", "bookings", _("Ask for a place"), _("The provider was asked and answers within two working days."),
        lambda work, key, sent: placement.book(work, key, offer_id_in(sent)), _may_book, "offer_id",
    ),
    Verb(
        "vouchers", "request", _("Wait for a place"), _("You wait for a place now."),
        lambda work, key, _sent: placement.ask(work, key), _may_wait,
    ),
    Verb(
        "vouchers", "revocation", _("Revoke the voucher"),
        _("The voucher is revoked. What is not needed is free again."), _revoke, _may_revoke, "reason",
    ),
    Verb(
        "placements", "acceptance", _("Accept"), _("The place is accepted."),
        lambda work, key, _sent: placement.accept(work, key), _answers,
    ),
    Verb(
        "placements", "refusal", _("Refuse"), _("The place is refused."),
        lambda work, key, sent: placement.decline(work, key, reason=sent.get("reason", "")), _answers, "reason",
    ),
    Verb(
        "entries", "confirmation", _("Confirm this visit"), _("The visit is confirmed."),
        lambda work, key, _sent: register.confirm(work, key), _confirms,
    ),
    Verb(
        "entries", "cancellation", _("Strike this visit"),
        _("The visit is struck. It is paid for in no act; its record stays, with your reason."),
        lambda work, key, sent: act.strike(work, key, reason=sent.get("reason", "")), _strikes, "reason",
    ),
    Verb(
        "contracts", "signature", _("Sign"), _("The contract is signed."),
        lambda work, key, _sent: contract.sign(work, key),
        lambda work, view: _own(work, view) and view.status is ContractStatus.PENDING,
    ),
    Verb(
        "acts", "submission", _("Hand in"), _("The act is handed in."),
        lambda work, key, _sent: act.submit(work, key), _hands_in,
    ),
)  # fmt: skip


def buttons(noun: str, work: Work, view: View) -> list[Verb]:
    """What this actor may do with this object. Nobody signed in, no button."""
    return [verb for verb in VERBS if work.actor.id and verb.noun == noun and verb.fits(work, view)]
