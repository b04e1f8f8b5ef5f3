"""Choosing who helps: the offers within reach as a list and a map, three side by side, one in full, asking for it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.kernel.errors import DomainError
from contracts.kernel.work import Work
from market.catalogue.rules import Language
from market.placement import queries, service
from market.placement.cards import MAX_COMPARED, Card, Mark, Sieve
from market.placement.choice import TooManyCompared
from market.provider.board import offer_numbered
from market.recipient.queries import home
from market.voucher import queries as vouchers
from market.voucher.rules import Voucher, is_expired
from market.web.language import _, language_of, tr
from market.web.pages.form import EMPTY, Filled, Form, Said, faults_of, new_key, submit
from market.web.pages.recipient.person import Person, person_of, show, voucher_of
from market.web.pages.recipient.programme import held
from market.web.pictures import reach
from market.web.work import Caller, TheCaller, WebRequest

CARDS = 20  # offers a page: as many as the map has room for, and more than anybody weighs
KILOMETRES = (2, 5, 10, 25, 50)
METRES = 1_000


def sieve_of(request: WebRequest) -> Sieve:
    """From the address; what means nothing asks for nothing."""
    asked = request.query_params
    within, language = asked.get("within", ""), asked.get("language", "")
    return Sieve(
        within_m=int(within) * METRES if within in {str(km) for km in KILOMETRES} else None,
        language=Language(language) if language in set(Language) else None,
        free_only=asked.get("free", "") == "yes",
    )


@get("/people/{number:str}/vouchers/{voucher:str}/choose", sync_to_thread=True)
def choose(request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str]) -> Response[str]:
    return _list(request, caller, person_of(caller, number), voucher, EMPTY)


def _list(
    request: WebRequest, caller: Caller, person: Person, number: str, filled: Filled, ticked: Sequence[UUID] = ()
) -> Response[str]:
    sieve, first = sieve_of(request), request.query_params.get("after", "")
    after = Mark.parse(first) if first else None

    def read(work: Work) -> dict[str, Any]:
        voucher = voucher_of(work, person, number)
        cards = service.shortlist(work, voucher.id, sieve=sieve, after=after, limit=CARDS + 1)
        live = home(work, person.id)
        return {
            "held": held(work, voucher),
            "cards": cards,
            "home": (live.longitude, live.latitude),
            "others": _others(work, voucher),
            "top_up": queries.may_pay_more(work, work.today),
        }

    found = caller.read(read)
    shown: list[Card] = found.pop("cards")
    cards, more = shown[:CARDS], len(shown) > CARDS
    offers = [
        reach.Offer(at, card.provider_name, (card.longitude, card.latitude), f"#offer-{at}")
        for at, card in enumerate(cards, start=1)
    ]
    caption = tr(language_of(request), _("The providers on the map"))
    following = _following(request, cards[-1].place_in_line) if more else None
    return show(
        request, person, "choose", filled=filled, fields=["compare"], key=new_key(), cards=cards, sieve=sieve,
        kilometres=KILOMETRES, languages_spoken=list(Language), following=following,
        asked=_asked(request), ticked=ticked, is_later=after is not None,
        map=reach.draw(request, caption, home=found.pop("home"), offers=offers), most=MAX_COMPARED, **found,
    )  # fmt: skip


def _others(work: Work, voucher: Voucher) -> list[Voucher]:
    """Another setting is another voucher: the person's others that can still be used."""
    own = vouchers.vouchers_of(work, voucher.recipient_id)
    return [v for v in own if v.id != voucher.id and v.status is voucher.status and not is_expired(v, work.today)]


def _asked(request: WebRequest) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in ("within", "language", "free")}


def _following(request: WebRequest, last: Mark) -> str:
    asked = {name: value for name, value in _asked(request).items() if value}
    return f"{request.url.path}?{urlencode(asked | {'after': str(last)})}"


@get("/people/{number:str}/vouchers/{voucher:str}/compare", sync_to_thread=True)
def compare(request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str]) -> Response[str]:
    person = person_of(caller, number)
    ids = [offer for text in request.query_params.getall("offer", []) if (offer := _id(text))]

    def read(work: Work) -> dict[str, Any]:
        own = voucher_of(work, person, voucher)
        compared = service.compare(work, own.id, ids)
        return {"held": held(work, own), "compared": compared}

    try:
        found = caller.read(read)
    except TooManyCompared as error:
        fault = Said("compare", faults_of(request, error)[0].text)
        page = _list(request, caller, person, voucher, Filled({}, [fault]), ids)
        page.status_code = 422
        return page
    refusals = {one.offer_id: _why(request, one.refusal) for one in found["compared"] if one.refusal}
    return show(request, person, "compare", refusals=refusals, **found)


def _why(request: WebRequest, refusal: DomainError) -> str:
    return faults_of(request, refusal)[0].text


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@get("/people/{number:str}/vouchers/{voucher:str}/offers/{offer:str}", sync_to_thread=True)
def show_offer(
    request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str], offer: FromPath[str]
) -> Response[str]:
    return _offer_page(request, caller, person_of(caller, number), voucher, offer, EMPTY)


def _offer_page(
    request: WebRequest, caller: Caller, person: Person, voucher: str, offer: str, filled: Filled
) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        own = voucher_of(work, person, voucher)
        (compared,) = service.compare(work, own.id, [offer_numbered(work, offer).id])
        one = held(work, own)
        wishes = queries.wishes_of(work, one.request.id) if one.request else []
        return {"held": one, "compared": compared, "wished": compared.offer_id in wishes, "offer": offer}

    found = caller.read(read)
    refusal = found["compared"].refusal
    why = _why(request, refusal) if refusal else None
    return show(request, person, "offer", filled=filled, key=new_key(), why=why, **found)


@post("/people/{number:str}/vouchers/{voucher:str}/offers/{offer:str}/book", sync_to_thread=True)
def book(
    request: WebRequest,
    caller: TheCaller,
    number: FromPath[str],
    voucher: FromPath[str],
    offer: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Asks the provider for a place; it is held until the answer."""
    person = person_of(caller, number)

    def do(work: Work) -> str:
        own = voucher_of(work, person, voucher)
        return f"{person.address}/places/{service.book(work, own.id, offer_numbered(work, offer).id)}"

    return submit(
        request, caller, data, do=do,
        again=lambda filled: _offer_page(request, caller, person, voucher, offer, filled),
        to=person.address, said=_("The provider has been asked and holds a place for you until it answers."),
    )  # fmt: skip


HANDLERS = [choose, compare, show_offer, book]
