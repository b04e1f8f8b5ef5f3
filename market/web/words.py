"""What people call a status, a kind, a setting: whole words beside each member of every enumeration a page shows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from contracts.act.pricing import Collector, VatMode
from contracts.act.rules import ActStatus, DeductionCode, LineOf, PayWithin, Side, Signatures, TermCode
from contracts.act.take_back import TakeBackCode, TakeBackStatus
from contracts.approval.rules import CountedOver, Verdict
from contracts.collection.doubts import DueDoubt
from contracts.collection.rules import CollectionKind, CollectionStatus
from contracts.contract.rules import Basis, ContractStatus, EngagementStatus
from contracts.kernel.work import Role
from contracts.payee.rules import VersionStatus
from contracts.payment.advance_rules import AdvanceStatus
from contracts.payment.batch_rules import BatchStatus, Lack, LineStatus
from contracts.payment.doubts import Doubt
from contracts.payment.rules import Channel, PaymentStatus
from contracts.reconciliation.rules import CaseKind, CaseStatus, Resolution
from contracts.register.absence_rules import AbsenceKind
from contracts.register.rules import Confirmation, EntryStatus
from contracts.schedule.rules import ScheduleStatus
from market.catalogue.rules import (
    CapacityUnit,
    CareSetting,
    Category,
    IndicatorCode,
    IndicatorUnit,
    Language,
    ServiceKind,
    Unit,
)  # fmt: skip
from market.competition.rules import AwardStatus, BidStatus, TenderStatus
from market.oversight.suspicion import FlagStatus, Suspicion
from market.placement.copaying import IncomeKind
from market.placement.rules import PlacementStatus, Policy, Reason, RequestStatus, RoundRuleCode, RoundStatus
from market.provider.rules import OfferStatus, OrganisationType, ProviderStatus, Sector
from market.user.factors import Means
from market.voucher.rules import VoucherStatus
from market.web.language import _

_ALL: tuple[tuple[type[StrEnum], dict[str, str]], ...] = (
    (Role, {
        "recipient": _("recipient"), "representative": _("representative"), "operator": _("operator"),
        "carer": _("carer"), "provider": _("provider"), "procurement-officer": _("procurement officer"),
        "committee-member": _("committee member"), "budget-officer": _("budget officer"),
        "finance-officer": _("finance officer"), "auditor": _("auditor"), "administrator": _("administrator"),
    }),
    (ServiceKind, {
        "domestic": _("help at home and daily living"), "medical": _("medical care"),
        "psychological": _("psychological support"), "pedagogical": _("teaching and upbringing"),
        "labour": _("help with work"), "cultural": _("culture and leisure"),
        "economic": _("economic support"), "legal": _("legal help"),
    }),
    (CareSetting, {
        "in-patient": _("living in a care home"), "semi-in-patient": _("day care"), "home": _("at home"),
        "temporary-stay": _("temporary stay"),
    }),
    (Unit, {
        "person-day": _("days"), "visit": _("visits"), "hour": _("hours"), "session": _("sessions"),
        "night": _("nights"),
    }),
    (CapacityUnit, {"places": _("places"), "minutes": _("minutes a week")}),
    (Category, {
        "child-psychoneurological": _("children with a psychoneurological disorder"),
        "child-locomotor": _("children with a locomotor disorder"),
        "adult-psychoneurological": _("adults with a psychoneurological disorder"),
        "disability-1-2": _("people with a disability of group I or II"), "elderly": _("elderly people"),
        "difficult-situation": _("people in a difficult situation"),
    }),
    (Language, {"kk": _("Kazakh"), "ru": _("Russian"), "en": _("English")}),
    (IndicatorCode, {
        "monthly-calculation-index": _("monthly calculation index"), "minimum-pension": _("minimum pension"),
        "subsistence-minimum": _("subsistence minimum"), "weeks-a-year": _("weeks in a year"),
        "minutes-a-visit": _("minutes in a visit"), "minutes-an-hour": _("minutes in an hour"),
        "minutes-a-session": _("minutes in a session"), "minimum-admitted-bids": _("fewest admitted bids"),
        "copayment-share": _("the recipient's part of a pension or benefit"),
    }),
    (IndicatorUnit, {"tiyn": _("tiyn"), "minutes": _("minutes"), "weeks": _("weeks"), "bids": _("bids"),
        "basis-points": _("hundredths of a percent")}),
    (Sector, {"state": _("state organisation"), "ngo": _("non-governmental organisation"), "business": _("business")}),
    (OrganisationType, {
        "general-home": _("general care home"), "psychoneurological-home": _("psychoneurological care home"),
        "children-locomotor-home": _("home for children with locomotor disorders"),
        "children-psychoneurological-home": _("home for children with psychoneurological disorders"),
        "day-stay": _("day-stay unit"), "rehabilitation-centre": _("rehabilitation centre"),
        "adaptation-centre": _("social adaptation centre"),
        "home-care-psychoneurological": _("home-care unit for psychoneurological disorders"),
        "home-care-elderly": _("home-care unit for elderly and disabled people"),
        "home-care-mixed": _("mixed home-care unit"),
        "home-care-without-branches": _("home-care unit without branches"),
        "ngo": _("non-governmental organisation"),
    }),
    (ProviderStatus, {
        "registered": _("waiting for admission"), "admitted": _("admitted"), "suspended": _("suspended"),
    }),
    (OfferStatus, {"open": _("open"), "closed": _("closed")}),
    (VoucherStatus, {"issued": _("issued"), "closed": _("closed"), "revoked": _("revoked")}),
    (RequestStatus, {"waiting": _("waiting for a place"), "placed": _("placed"), "closed": _("closed")}),
    (PlacementStatus, {
        "offered": _("offered: the recipient answers"), "requested": _("asked for: the provider answers"),
        "accepted": _("accepted"), "declined": _("declined"), "lapsed": _("lapsed without an answer"),
        "ended": _("ended"),
    }),
    (RoundStatus, {
        "requested": _("asked for"), "running": _("running"), "complete": _("complete"), "failed": _("failed"),
    }),
    (Policy, {"welfare": _("most urgent first, then wishes and distance"), "stable": _("stable by priority")}),
    (Reason, {
        "first-wish": _("first wish"), "later-wish": _("a later wish"), "nearest": _("the nearest"),
        "nearer-full": _("nearer ones were full"), "no-eligible-offer": _("no suitable offer within reach"),
        "capacity": _("too few places"),
    }),
    (TenderStatus, {
        "draft": _("draft"), "published": _("open for bids"), "opened": _("bids opened"), "evaluated": _("evaluated"),
        "complete": _("complete"), "cancelled": _("cancelled"), "unsuccessful": _("unsuccessful"),
    }),
    (BidStatus, {
        "draft": _("draft"), "submitted": _("submitted"), "admitted": _("admitted"), "rejected": _("rejected"),
        "withdrawn": _("withdrawn"),
    }),
    (AwardStatus, {
        "pending": _("pending"), "active": _("in force"), "unsuccessful": _("unsuccessful"),
        "cancelled": _("cancelled"),
    }),
    (Basis, {"award": _("award in a competition"), "voucher-list": _("voucher list")}),
    (ContractStatus, {
        "pending": _("waiting for the signature"), "active": _("in force"), "completed": _("completed"),
        "terminated": _("terminated"), "cancelled": _("cancelled"),
    }),
    (EngagementStatus, {"active": _("in force"), "suspended": _("suspended"), "ended": _("ended")}),
    (EntryStatus, {
        "entered": _("waiting for confirmation"), "confirmed": _("confirmed"), "cancelled": _("cancelled"),
    }),
    (RoundRuleCode, {
        "worst-distance": _("nobody goes further"), "continuity": _("staying with one's provider"),
        "by-address": _("the way is counted from each home"), "place-cap": _("limit on places"),
        "money-cap": _("limit on money a month"),
    }),
    (AbsenceKind, {
        "hospital": _("stay in hospital"), "no-show": _("nobody was there"),
        "short-notice": _("called off at short notice"),
    }),
    (ScheduleStatus, {
        "drawn": _("waits for the head of the organisation"), "approved": _("approved"), "withdrawn": _("withdrawn"),
    }),
    (FlagStatus, {
        "open": _("to be looked at"), "explained": _("explained: it was all right"),
        "confirmed": _("confirmed: it was not all right"),
    }),
    (Suspicion, {
        "impossible-travel": _("too far in too short a time"), "over-volume": _("more than the programme allows"),
        "after-death": _("after the recipient's death"), "after-end": _("after the service ended"),
        "after-expiry": _("after the voucher expired"), "own-relative": _("the provider's own people"),
        "during-stay": _("during a stay in a home or a hospital"), "too-regular": _("too regular to be true"),
    }),
    (ActStatus, {
        "draft": _("draft"), "submitted": _("submitted"), "returned": _("returned"), "accepted": _("accepted"),
    }),
    (Confirmation, {
        "tap": _("by the recipient, signed in"), "code": _("by the code told to the carer"),
        "operator": _("at a service centre"), "paper": _("by a signature on paper"),
    }),
    (LineOf, {
        "visits": _("visits"), "no-show": _("nobody was there"), "short-notice": _("called off at short notice"),
    }),
    (DeductionCode, {
        "not-served": _("the service was not given"), "no-proof": _("nothing proves the service"),
        "above-programme": _("more than the programme grants"), "wrong-price": _("the price is wrong"),
        "poor-quality": _("poor quality"), "other": _("another reason"),
    }),
    (TakeBackStatus, {
        "proposed": _("money to be taken back"), "taken": _("money taken back"), "refused": _("money not taken back"),
    }),
    (TakeBackCode, {
        "never-took-place": _("the visit never took place"), "shorter-than-written": _("it was shorter than written"),
        "somebody-else": _("somebody else came, or was served"), "counted-twice": _("it was counted twice"),
        "not-missed": _("the recipient had not missed it"), "other-finding": _("another finding"),
    }),
    (VatMode, {
        "exempt": _("exempt from value-added tax"), "included": _("value-added tax is in the price"),
        "added": _("value-added tax comes on top"),
    }),
    (IncomeKind, {"pension": _("pension"), "disability-benefit": _("disability benefit")}),
    (Collector, {"agency": _("the agency collects it"), "provider": _("the provider collects it")}),
    (Verdict, {"approved": _("approved"), "rejected": _("rejected")}),
    (CountedOver, {
        "order": _("one order"), "day": _("one organisation on one day"), "month": _("one organisation in one month"),
    }),
    (BatchStatus, {
        "draft": _("draft"), "submitted": _("handed in"), "ordered": _("ordered"), "dissolved": _("dissolved"),
    }),
    (AdvanceStatus, {
        "asked": _("asked for"), "withdrawn": _("withdrawn"), "refused": _("refused"), "ordered": _("ordered"),
        "unpaid": _("not paid"),
    }),
    (LineStatus, {
        "held": _("in the batch"), "removed": _("taken out"), "ordered": _("ordered"), "dropped": _("dropped out"),
        "released": _("free again"),
    }),
    (Lack, {
        "rejected": _("somebody rejected its payment"), "payment": _("a payment of it is under way or came back"),
        "paid": _("nothing of it is left to pay"), "debt": _("the organisation owes money: set it off first"),
        "amount": _("another sum is left than stands here"),
    }),
    (Side, {"provider": _("provider"), "customer": _("customer")}),
    (Signatures, {
        "none": _("no signature is asked for"), "provider": _("the provider's signature"),
        "both": _("the signatures of both sides"),
    }),
    (TermCode, {
        "copayment-collector": _("who collects the recipient's part"), "signatures": _("which signatures an act needs"),
        "copayment-within": _("how long a recipient has to pay their part"),
    }),
    (PayWithin, {"10-days": _("ten days"), "20-days": _("twenty days"), "30-days": _("thirty days")}),
    (CollectionKind, {"intent": _("payment"), "refund": _("money back")}),
    (CollectionStatus, {
        "ordered": _("ordered"), "sending": _("being sent"), "open": _("open"), "succeeded": _("paid"),
        "canceled": _("cancelled"), "refused": _("refused by the payment server"),
        "failed": _("came back to us"),
    }),
    (VersionStatus, {
        "waiting": _("waiting for approval"), "active": _("in force"), "superseded": _("replaced"),
        "rejected": _("rejected"),
    }),
    (Means, {
        "password": _("with a password"), "password-and-code": _("with a password and a code"),
        "password-and-recovery-code": _("with a password and a recovery code"),
        "password-and-passkey": _("with a password and a passkey"), "passkey": _("with a passkey"),
        "demonstration": _("by one click, in the demonstration"),
    }),
    (Doubt, {
        Doubt.NO_WORD: _("%(tries)s tries in a row ended without a word."),
        Doubt.SECOND_TRANSFER: _(
            "The payment server also has the transfer %(transfer)s: the money may have gone out twice."
        ),
        Doubt.SEVERAL_TRANSFERS: _("The payment server has %(many)s transfers for this payment: %(transfers)s."),
        Doubt.OTHER_THAN_ORDERED: _(
            "The transfer %(transfer)s is not what was ordered: %(what)s is %(theirs)s there and %(ours)s here."
        ),
        Doubt.BACK_IN_PART: _("Of the transfer %(transfer)s a part came back: %(back)s of %(whole)s."),
        Doubt.BACK_BOOKED_IN_PART: _(
            "The payment server says that all the money came back. Two people have booked a part of it already, so the"
            " whole was not booked again."
        ),
        Doubt.BACK_BESIDE_ANOTHER: _(
            "The payment server says that the money came back, while payment %(payment)s of the same act is on its way:"
            " nothing was booked, so that the act is not paid twice."
        ),
    }),
    (DueDoubt, {
        DueDoubt.ANOTHER_OBJECT: _("The payment server also has %(other)s: it may have been asked for twice."),
        DueDoubt.RECEIVED_IN_PART: _("Of the payment %(intent)s a part came in: %(received)s of %(whole)s."),
        DueDoubt.SEVERAL: _("The payment server has %(many)s of them: %(objects)s."),
        DueDoubt.OTHER_THAN_ASKED: _(
            "%(object)s is not what was asked for: %(what)s is %(theirs)s there and %(ours)s here."
        ),
    }),
    (PaymentStatus, {
        "ordered": _("ordered"), "sending": _("being sent"), "sent": _("on its way"), "settled": _("paid"),
        "failed": _("failed"), "returned": _("came back"), "reversed": _("reversed"),
    }),
    (Channel, {"server": _("by the payment server"), "file": _("by the bank's file")}),
    (CaseKind, {
        "paid-twice": _("paid twice"), "amount-differs": _("another amount"),
        "account-differs": _("another account"), "bank-only": _("paid by the bank only"),
        "line-missing": _("no line in the bank's statement"), "came-back": _("booked back by the bank"),
        "line-unknown": _("a line of no payment"),
        "payer-differs": _("from an account that the payment was not ordered from"),
        "statement-gap": _("a gap between two statements"),
        "payment-stopped": _("stopped by the payment server"),
    }),
    (CaseStatus, {
        "open": _("open"), "proposed": _("waiting for a second person"), "resolved": _("resolved"),
    }),
    (Resolution, {
        "correction": _("book the difference"), "decision": _("leave it, for a reason"),
        "assignment": _("it is of a payment that it does not name"),
        "vanished": _("its cause is gone"),
    }),
)  # fmt: skip

WORDS: Mapping[type[StrEnum], Mapping[Any, str]] = {
    kind: {member: words[member.value] for member in kind} for kind, words in _ALL
}
