"""What the recipient's pages say for a stored fact: a round's statements, how a visit was confirmed, where money is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.act.rules import ActStatus
from contracts.kernel.work import Work
from contracts.payment.rules import PaymentStatus
from contracts.register.rules import Confirmation
from market.placement import queries
from market.placement.explaining import Saying, Statement, Topic
from market.placement.explanations import explanation_of, names_in
from market.placement.holder_queries import PaidMonth
from market.placement.rules import Outcome, Policy, Request
from market.web.formats import Formats
from market.web.language import _, tr, translations

KILOMETRE = 1000
TOPICS: Mapping[Topic, str] = {
    Topic.HERE: _("Why this place"),
    Topic.PREFERRED: _("Why not a place you would have liked better"),
    Topic.WAIT: _("Why you are still waiting"),
    Topic.CHANGE: _("What happens next, and what you can do"),
}
SAYINGS: Mapping[Saying, str] = {
    Saying.FIRST_WISH: _("It was your first wish, and it had a free place for you."),
    Saying.LATER_WISH: _(
        "It was number %(rank)s of your wishes. The ones before it were full, or are not possible with your voucher."
    ),
    Saying.NEAREST: _("Of the places that suit you it is the nearest, and it had a free place."),
    Saying.NEARER_FULL: _("Of the places that suit you and still had a free place it is the best for you."),
    Saying.DISTANCE: _("It is about %(distance)s away, measured from your town or village."),
    Saying.NOBODY_SUITS: _(
        "No provider within reach offers this help to people in your situation at a price your voucher covers."
    ),
    Saying.BEYOND_REACH: _(
        "The nearest provider that would suit you otherwise is %(offer)s, about %(distance)s away: too far by the"
        " rules. A place nearer to you, or a rule that allows a longer way, would change this."
    ),
    Saying.NO_PLACES_THERE: _("%(offer)s would have suited you best. It had no free place when the round began."),
    Saying.MORE_URGENT_THERE: _(
        "%(offer)s would have suited you best. Its free places (%(places)s) went to people who need help more urgently:"
        " they are in tier %(last_tier)s or before it, and you are in tier %(tier)s."
    ),
    Saying.AS_URGENT_THERE: _(
        "%(offer)s would have suited you best. Its free places (%(places)s) went to people in tier %(last_tier)s, like"
        " you, or before it. Of equally urgent people the round serves those with whom all ways together are shortest,"
        " and of people who are alike the one who waits longest."
    ),
    Saying.BEST_FOR_ALL_THERE: _(
        "%(offer)s would have suited you best. Its free places (%(places)s) went to other people: with you there and"
        " one of them elsewhere, the wishes and ways of all together would not be better."
    ),
    Saying.LIMIT_REACHED_THERE: _(
        "%(offer)s would have suited you best. Nobody else could be placed there, because a limit for several providers"
        " together was reached."
    ),
    Saying.CAME_FIRST_THERE: _(
        "%(offer)s would have suited you best. Its free places (%(places)s) went to people who stand before you in"
        " line: by urgency, then by the time they wait, then by the draw."
    ),
    Saying.ONE_MORE_PLACE: _("One more place at the provider you would like best would have been used at once."),
    Saying.ONE_MORE_SERVES: _("One more place there would have given a place to one more person in tier %(serves)s."),
    Saying.ONE_MORE_SAVES_WISHES: _(
        "One more place there would have brought people nearer to their wishes, by %(wishes)s ranks in all."
    ),
    Saying.ONE_MORE_SAVES_WAY: _("One more place there would have made all ways together %(kilometres)s km shorter."),
    Saying.PLACE_OPENS: _("If %(offer)s, %(distance)s away, had one more place, it could be yours."),
    Saying.STAYS_IN_EVERY_ROUND: _(
        "You stay on the waiting list and are considered in every round. You need not ask again."
    ),
    Saying.BOOK_WHAT_IS_FREE: _(
        "Whenever a provider in your list shows a free place, you can ask for it yourself, at any time."
    ),
    Saying.DECLINING_KEEPS_THE_WAIT: _(
        "If you say no, you stay on the waiting list from the same day as before. Nobody can promise which place is"
        " free next time."
    ),
    Saying.SILENCE_KEEPS_THE_WAIT: _(
        "If you do not answer in time, the place goes to somebody else and you go on waiting."
    ),
}
CONFIRMED: Mapping[Confirmation, str] = {
    Confirmation.TAP: _("confirmed by you or your representative"),
    Confirmation.CODE: _("confirmed by the code you told"),
    Confirmation.OPERATOR: _("confirmed for you at the service centre"),
    Confirmation.PAPER: _("confirmed by your signature in the paper journal"),
}


@dataclass(frozen=True, slots=True)
class Said:
    heading: str
    sentences: list[str]


def explained(language: str, statements: Sequence[Statement], names: Mapping[UUID, str] | None = None) -> list[Said]:
    """By topic, in the order of the topics, in the reader's language. ``names``: what the offers are called."""
    return [
        Said(tr(language, heading), [_sentence(language, one, names or {}) for one in own])
        for topic, heading in TOPICS.items()
        if (own := [one for one in statements if one.topic is topic])
    ]


def _sentence(language: str, one: Statement, names: Mapping[UUID, str]) -> str:
    if "count" in one.values:
        return _counted(language, one.saying, one.values["count"])
    said = Formats(language)
    values: dict[str, object] = {"rank": "", **{name: said.number(value) for name, value in one.values.items()}}
    metres = one.values.get("metres")
    values["distance"] = said.distance(metres)
    values["kilometres"] = said.number(metres and metres / KILOMETRE)
    values["offer"] = names.get(one.offer_id) if one.offer_id else None
    values["offer"] = values["offer"] or tr(language, _("A provider that is not listed any more"))
    return tr(language, SAYINGS[one.saying], **values)


@dataclass(frozen=True, slots=True)
class Told:
    """What a round says to one person: its sentences by topic, and under them the figures by which each can be checked
    in the round of that number and fingerprint."""

    said: list[Said]
    figures: list[list[str]]
    number: int
    sha256: str | None
    policy: Policy
    is_public: bool


def told_by_round(work: Work, language: str, request: Request, outcome: Outcome) -> Told:
    """Checks no role: for whoever may see the request."""
    statements = explanation_of(work, request, outcome)
    names, of = names_in(work, statements), queries.round_(work, outcome.round_id)
    return Told(
        explained(language, statements, names),
        figures_of(language, statements, names),
        of.number,
        of.instance_sha256,
        of.policy,
        of.published_at is not None,
    )


def figures_of(language: str, statements: Sequence[Statement], names: Mapping[UUID, str]) -> list[list[str]]:
    """For each offer that is spoken of with figures: its name, its free places, those given, the last tier among those
    who got them, and the prices of a place: for who is served, and for where they sit."""
    number = Formats(language).number
    rows: dict[UUID, list[str]] = {}
    for one in statements:
        if one.offer_id is not None and "used" in one.values:
            last = one.values.get("last_tier")
            figures = [number(one.values[name]) for name in ("places", "used")]
            prices = [number(one.values[name]) for name in ("serving_price", "seating_price")]
            shown = [*figures, "–" if last is None else number(last), *prices]
            rows[one.offer_id] = [names.get(one.offer_id, "–"), *shown]
    return list(rows.values())


def ngettext(single: str, plural: str, language: str, count: int) -> str:
    """Of a sentence with ``%(num)s`` the form the language has for the number."""
    said = translations(language).ngettext(single, plural, count)
    return said % {"num": Formats(language).number(count)}


def _counted(language: str, saying: Saying, count: int) -> str:
    match saying:
        case Saying.FULL_MORE_GOOD:
            return ngettext(
                "%(num)s provider you would have preferred was full. Its places went to people who need help more"
                " urgently, or were given so that as many people as possible have a place and a short way.",
                "%(num)s providers you would have preferred were full. Their places went to people who need help more"
                " urgently, or were given so that as many people as possible have a place and a short way.",
                language, count,
            )  # fmt: skip
        case Saying.FULL_CAME_FIRST:
            return ngettext(
                "%(num)s provider you would have preferred was full. More urgent need comes first, then the longer"
                " wait; equal cases are decided by a draw that everybody can check.",
                "%(num)s providers you would have preferred were full. More urgent need comes first, then the longer"
                " wait; equal cases are decided by a draw that everybody can check.",
                language, count,
            )  # fmt: skip
        case Saying.ALL_FULL_MORE_GOOD:
            return ngettext(
                "%(num)s provider suits you, and it was full. Its places went to people who need help more urgently,"
                " or were given so that as many people as possible have a place and a short way.",
                "%(num)s providers suit you, and all were full. Their places went to people who need help more"
                " urgently, or were given so that as many people as possible have a place and a short way.",
                language, count,
            )  # fmt: skip
        case _:
            return ngettext(
                "%(num)s provider suits you, and it was full. More urgent need comes first, then the longer wait;"
                " equal cases are decided by a draw that everybody can check.",
                "%(num)s providers suit you, and all were full. More urgent need comes first, then the longer wait;"
                " equal cases are decided by a draw that everybody can check.",
                language, count,
            )  # fmt: skip


def money_said(paid: PaidMonth) -> str:
    """Where the money of a month is: a marked sentence."""
    if paid.act_status is not ActStatus.ACCEPTED:
        return _("the provider has handed in its report; the office is checking it")
    if paid.is_taken_back or paid.is_set_off:
        return _nothing_left_said(paid)
    if paid.had_minor:
        return _rest_said(paid.payment)
    if paid.payment is None:
        return _("checked and accepted; it will be paid")
    if paid.payment is PaymentStatus.SETTLED:
        return _("paid to the provider")
    return _("on its way to the provider")


def _nothing_left_said(paid: PaidMonth) -> str:
    if paid.is_taken_back:
        return _("the money for it was taken back: its visits were found untrue")
    return _("settled: the provider had received the money for it before")


def _rest_said(payment: PaymentStatus | None) -> str:
    """Of a month for which the provider had a part of the money before."""
    if payment is None:
        return _("accepted; the provider had a part of the money before, the rest will be paid")
    if payment is PaymentStatus.SETTLED:
        return _("paid to the provider, who had a part of the money before")
    return _("the provider had a part of the money before; the rest is on its way")
