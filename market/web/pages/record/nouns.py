"""Which objects have pages: how each is shown, listed, and what stands beside it. The API's own views, once more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from contracts.act import calendar
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Work
from contracts.payee.queries import active_version
from contracts.payment.queries import payments_of_act
from contracts.register.queries import entries_of_engagement
from market.competition.queries import bids_of_lot
from market.placement import queries as placing
from market.placement import service as placement
from market.placement.holder_queries import outcomes_lately
from market.web import queries as lists
from market.web.api import (
    acts,
    contracts,
    engagements,
    funding_lines,
    lots,
    offers,
    payees,
    payments,
    placements,
    providers,
    recipients,
    rounds,
    tenders,
    vouchers,
)  # fmt: skip
from market.web.language import _
from market.web.pages.record.show import Rows, View
from market.web.wire import PAGE, Slice, shown

FIRST = Slice("", {}, None, PAGE)
CARDS = 20  # offers on a holder's page: what can be compared


@dataclass(frozen=True, slots=True)
class Noun:
    """``every`` lists what the actor may see; ``beside`` are tables on the object's page, the longest of them from the
    row on that the page is asked for; ``inside``: fields of the view that such a table shows already."""

    path: str
    one: str
    many: str
    show: Callable[[Work, UUID], View]
    stream: str
    columns: Sequence[str] = ()
    every: Callable[[Work, Slice], list[Any]] | None = None
    view: Callable[[Any], msgspec.Struct] | None = None
    beside: Callable[[Work, View, Slice], list[Rows]] = lambda _work, _view, _at: []
    inside: Sequence[str] = ()
    public: bool = False


def _into(kind: type[msgspec.Struct]) -> Callable[[Any], msgspec.Struct]:
    return lambda found: shown(kind, found)


def _of_provider(work: Work, view: View, _at: Slice) -> list[Rows]:
    found = lists.offers(work, FIRST, territory=None, provider_id=view.id, kind=None, setting=None)
    rows = [shown(offers.OfferView, offer) for offer in found]
    return [
        Rows(_("Licences"), view.licences, ("number", "from_on", "until_on")),
        Rows(_("Service points"), view.service_points, ("name", "address", "territory")),
        Rows(_("Offers"), rows, ("number", "kind", "setting", "unit", "free", "capacity"), page="offers"),
    ]


def _of_tender(_work: Work, view: View, _at: Slice) -> list[Rows]:
    columns = ("sequence", "kind", "setting", "unit", "units", "ceiling", "from_on", "until_on")
    return [Rows(_("Lots"), view.lots, columns, page="lots")]


def _of_lot(work: Work, view: View, _at: Slice) -> list[Rows]:
    bids = [lots.show_bid(bid) for bid in bids_of_lot(work, view.id)]
    award = [view.award] if view.award else []
    return [
        Rows(_("Bids you may see"), bids, ("provider_id", "unit_price", "status", "submitted_at")),
        Rows(_("Award"), award, ("status", "provider_id", "unit_price", "decided_at", "contract_id")),
    ]


def _of_voucher(work: Work, view: View, _at: Slice) -> list[Rows]:
    try:
        cards = [vouchers.show_card(card) for card in placement.shortlist(work, view.id, limit=CARDS)]
    except NotFound:  # an officer of the territory sees the voucher, but does not choose for its holder
        cards = []
    columns = ("provider_name", "offer_id", "distance_m", "places", "price", "languages")
    return [Rows(_("Offers you can choose, the nearest first"), cards, columns), *_of_request(work, view.id)]


def _of_request(work: Work, voucher_id: UUID) -> list[Rows]:
    try:
        request = placing.request_of_voucher(work, voucher_id)
    except NotFound:
        return []
    live = placing.live_placement_of(work, request.id)
    places = [shown(placements.PlacementView, live)] if live else []
    decided = [placements.show_outcome(work, request, outcome) for outcome in outcomes_lately(work, request)]
    return [
        Rows(_("The place"), places, ("status", "provider_id", "unit_price", "respond_until"), page="placements"),
        Rows(_("What the matching rounds decided"), decided, ("round_id", "reason", "offer_id", "distance_m", "rank")),
    ]


def _of_contract(work: Work, view: View, at: Slice) -> list[Rows]:
    found = lists.engagements(work, at, contract_id=view.id)
    engaged = at.listing(found, _into(contracts.EngagementView), lambda one: one.id)
    monthly = lists.acts(work, FIRST, territory=None, status=None, contract_id=view.id)[:PAGE]
    account = active_version(work, view.payee_id)
    paid_to = [shown(payees.PayeeVersionView, account)] if account else []
    columns = ("number", "status", "kind", "unit_price", "from_on")
    return [
        Rows(_("Account that is paid"), paid_to, ("iban", "legal_name", "approved_at")),
        Rows(_("Engagements"), engaged.items, columns, page="engagements", following=engaged.next),
        Rows(_("Acts"), [shown(acts.ActView, act) for act in monthly], ("number", "status", "total"), page="acts"),
    ]


def _of_engagement(work: Work, view: View, _at: Slice) -> list[Rows]:
    visits = [engagements.shown_entry(entry) for entry in entries_of_engagement(work, view.id, limit=PAGE)]
    columns = ("started_at", "ended_at", "quantity", "status")
    return [Rows(_("Visits"), visits, columns, page="entries")]


def _of_act(work: Work, view: View, at: Slice) -> list[Rows]:
    found = calendar.lines_of(work, view.id, after=at.after, limit=at.limit + 1)
    lines = at.listing(found, _into(acts.ActLineView), lambda one: one.id)
    paid = [payments.view(payment) for payment in payments_of_act(work, view.id)]
    columns = ("engagement_id", "kind", "what", "unit", "entries", "quantity", "unit_price", "amount")
    return [
        Rows(_("Lines"), lines.items, columns, following=lines.next),
        Rows(_("Payments"), paid, ("number", "status", "amount", "ordered_at", "settled_at"), page="payments"),
    ]


NOUNS = (
    Noun(
        "providers", _("Provider"), _("Providers"), providers.show, "provider",
        ("name", "sector", "territory", "status"), lambda w, at: lists.providers(w, at, territory=None, status=None),
        _into(providers.ProviderView), _of_provider, ("licences", "service_points"), public=True,
    ),
    Noun(
        "offers", _("Offer"), _("Offers"), offers.show, "offer", ("number", "kind", "setting", "territory", "free"),
        lambda w, at: lists.offers(w, at, territory=None, provider_id=None, kind=None, setting=None),
        _into(offers.OfferView), public=True,
    ),
    Noun(
        "tenders", _("Tender"), _("Tenders"), tenders.show, "tender", ("number", "title", "territory", "status"),
        lambda w, at: lists.tenders(w, at, territory=None, status=None), _into(tenders.TenderView),
        _of_tender, ("lots",), public=True,
    ),
    Noun("lots", _("Lot"), _("Lots"), lots.show, "tender", beside=_of_lot, inside=("award",), public=True),
    Noun(
        "vouchers", _("Voucher"), _("Vouchers"), vouchers.show, "voucher",
        ("number", "kind", "setting", "until_on", "status"),
        lambda w, at: lists.vouchers(w, at, territory=None, status=None, recipient_id=None),
        _into(vouchers.VoucherView), _of_voucher,
    ),
    Noun(
        "placements", _("Placement"), _("Placements"), placements.show, "placement",
        ("created_at", "provider_id", "status", "respond_until"), lambda w, at: lists.placements(w, at, status=None),
        _into(placements.PlacementView),
    ),
    Noun(
        "recipients", _("Recipient"), _("Recipients"), recipients.show, "recipient", ("number", "territory", "tier"),
        lambda w, at: lists.recipients(w, at, territory=None), _into(recipients.RecipientView),
    ),
    Noun(
        "contracts", _("Contract"), _("Contracts"), contracts.show, "contract",
        ("number", "provider_id", "basis", "from_on", "status"),
        lambda w, at: lists.contracts(w, at, territory=None, status=None, provider_id=None),
        contracts.view, _of_contract,
    ),
    Noun("engagements", _("Engagement"), _("Engagements"), engagements.show, "engagement", beside=_of_engagement),
    Noun("entries", _("Visit"), _("Visits"), engagements.show_entry, "entry"),
    Noun(
        "acts", _("Act"), _("Acts"), acts.show_head, "act", ("number", "month", "total", "status"),
        lambda w, at: lists.acts(w, at, territory=None, status=None, contract_id=None), _into(acts.ActView),
        _of_act,
    ),
    Noun(
        "payments", _("Payment"), _("Payments"), payments.show, "payment",
        ("number", "amount", "ordered_at", "status"), lambda w, at: lists.payments(w, at, territory=None, status=None),
        payments.view,
    ),
    Noun(
        "rounds", _("Matching round"), _("Matching rounds"), rounds.show, "round",
        ("number", "territory", "policy", "served", "status"),
        lambda w, at: lists.rounds(w, at, territory=None), _into(rounds.RoundView),
    ),
    Noun(
        "funding-lines", _("Funding line"), _("Funding lines"), funding_lines.show, "funding-line",
        ("number", "programme", "territory", "service_kind", "year"),
        lambda w, at: lists.funding_lines(w, at, territory=None, kind=None), _into(funding_lines.LineView),
    ),
)  # fmt: skip
