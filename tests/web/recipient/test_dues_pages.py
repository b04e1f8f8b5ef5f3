"""What a recipient pays themselves: seen by them and who stands in for them, paid by a form, remitted by an officer."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.act import terms
from contracts.collection import dispatch
from contracts.collection.dispatch import Till
from contracts.collection.doubts import DueDoubt
from contracts.collection.models import CollectionRow
from contracts.collection.rules import CollectionStatus
from contracts.collection.stripe import StripeTill
from contracts.kernel.database import table_of
from contracts.kernel.period import Month
from contracts.kernel.work import SYSTEM, Role, Work
from contracts.payment.rules import Patience
from tests.payment.servers import contract as stripe_description
from tests.peer.sandbox import KEY, eventually, running
from tests.stripe_contract import CheckedTransport
from tests.web.officer.reader import Reader as Desk
from tests.web.recipient.reader import Home, Reader, represented, settle, verbs
from tests.web.recipient.test_visits_pages import enter, served
from tests.web.street import Street, build
from tests.web.test_webhooks import tell
from tests.web.town import Town, made


def asked(street: Street) -> tuple[Home, str]:
    """The act of March is accepted: 2,500, of which the recipient pays 900."""
    home, engagement = served(street)

    def assess(work: Work) -> None:
        """As the law does it for somebody on full support, with a round sum."""
        terms.set_copayment(work, UUID(engagement), charge_minor=900_00, from_month=Month(2026, 3), source="statement")

    street.town.database.write(SYSTEM, assess)
    made(home.person.post(f"/api/entries/{enter(street, engagement)}/confirmation"))
    street.travel(31)
    contract = street.house.get(f"/api/engagements/{engagement}").json()["contract_id"]
    act = made(street.house.post(f"/api/contracts/{contract}/acts", {"month": "2026-03"}))["id"]
    made(street.house.post(f"/api/acts/{act}/submission", key="submission"))
    made(street.budget.post(f"/api/acts/{act}/acceptance", key="acceptance"))
    return home, act


def test_a_recipient_pays_their_part_and_an_officer_gives_some_of_it_back(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    street = build(town)
    home, _ = asked(street)
    at = f"{home.at}/dues"
    reader = Reader(street.town, home.person)
    assert "You owe nothing" in reader.open(at).words
    with running(tmp_path_factory.mktemp("till") / "peer.db") as peer:
        gateway = StripeTill(peer.url, KEY, transport=CheckedTransport(stripe_description()))
        till = Till(town.database, gateway, Patience(first_pause=0.01, longest_look=0.02))
        dispatch.ask_due(till)
        page = reader.open(at)
        assert "March 2026: Help at home and daily living Warm Home 900 ₸ Pay by" in page.words
        assert "It is being made ready." in page.words

        def turned(said: str) -> bool:
            dispatch.send_due(till)
            dispatch.look_due(till)
            return said in reader.open(at).words

        eventually(lambda: turned("Pay 900 ₸"))
        (due,) = home.person.get(f"/api/recipients/{home.recipient}/dues").json()["items"]
        action = f"{at}/{due['number']}/payment"
        stand_in = Reader(street.town, represented(street, home))
        page = stand_in.press(stand_in.open(at), action, method="pm_card_chargeDeclined")
        assert "Your payment is being made." in stand_in.follow(page).words
        eventually(lambda: turned("The last try was declined. Nothing was taken."))
        page = reader.press(reader.open(at), action, method="pm_card_visa")
        assert "Your payment is being made." in reader.follow(page).words
        eventually(lambda: turned("Paid. Nothing is left."))
        remitted(street, due["number"])
        eventually(lambda: turned("Given back: 200 ₸"))
        gateway.close()
    told = home.person.get(f"/api/dues/{due['id']}").json()
    assert [(one["kind"], one["status"], one["amount"]["amount"]) for one in told["collections"]] == [
        ("intent", "succeeded", "900.00"), ("refund", "succeeded", "200.00"),
    ]  # fmt: skip
    trail = street.auditor.get(f"/api/audit/due/{due['id']}").json()["items"]
    (tried, _again) = [e for e in trail if e["verb"] == "payment-tried"]
    assert [c["after"] for c in tried["changes"] if c["table"] == "standing-in"] == [{"capacity": "representative"}]
    assert verbs(street, "due", due["id"])[-2:] == ["refund-succeeded", "taken-off"]


def test_money_back_that_did_not_arrive_is_said_to_be_theirs_and_is_tried_again(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    street = build(town)
    home, _ = asked(street)
    reader, at = Reader(street.town, home.person), f"{home.at}/dues"
    theirs = "200 ₸ of it is yours and did not reach you yet."
    with (
        running(tmp_path_factory.mktemp("till") / "peer.db", control=True) as peer,
        peer.client(checked=False) as sandbox,
    ):
        gateway = StripeTill(peer.url, KEY, transport=CheckedTransport(stripe_description()))
        till = Till(town.database, gateway, Patience(first_pause=0.01, longest_look=0.02, watch=0.05, watches=1000))
        dispatch.ask_due(till)
        (due,) = home.person.get(f"/api/recipients/{home.recipient}/dues").json()["items"]

        def story() -> list[tuple[str, str]]:
            dispatch.send_due(till)
            dispatch.look_due(till)
            told = home.person.get(f"/api/dues/{due['id']}").json()["collections"]
            return [(one["kind"], one["status"]) for one in told]

        eventually(lambda: story() == [("intent", "open")])
        made(home.person.post(f"/api/dues/{due['id']}/payment", {"method": "pm_card_refundFail"}, key="pay"))
        eventually(lambda: story() == [("intent", "succeeded")])
        desk, page = Desk.of(street.town, street.finance), f"/payments-desk/dues/{due['number']}"
        desk.done(page, f"{page}/remission", amount="200", reason="assessed wrongly")
        eventually(lambda: story()[1:] == [("refund", "succeeded")])
        assert theirs not in reader.open(at).words
        assert sandbox.post("/sandbox/clock", json={"advance": 3600}).is_success
        eventually(lambda: story()[1:] == [("refund", "failed")])
        assert theirs in reader.open(at).words
        told = street.finance.get(f"/api/dues/{due['id']}").json()
        assert (told["owed_back"]["amount"], told["returned"]["amount"], told["stopped"]) == ("200.00", "0.00", True)
        for language, said in (("kk", "Оның 200 ₸ сізге тиесілі"), ("ru", "200 ₸ из этой суммы ваши")):
            assert said in Reader(street.town, home.person, language).open(at).words
        assert "Some wait for a person" in desk.open("/payments-desk/dues")
        assert f'href="{page}"' in desk.open("/payments-desk/dues?stopped=true")
        shown = desk.open(page)
        assert "Paid too much, to be given back" in shown
        assert "The money did not reach the recipient: it was refused or came back." in shown
        assert desk.done(page, f"{page}/resumption") == page
        assert not desk.offers(page, f"{page}/resumption")
        eventually(lambda: story()[1:] == [("refund", "failed"), ("refund", "succeeded")])
        assert theirs not in reader.open(at).words
        gateway.close()


def remitted(street: Street, number: str) -> None:
    """By a finance officer, on the page of the due; a budget officer only looks."""
    at = f"/payments-desk/dues/{number}"
    desk = Desk.of(street.town, street.finance)
    assert f'href="{at}"' in desk.open("/payments-desk/dues")
    assert 'href="/payments-desk/dues"' in desk.open("/payments-desk")
    desk.refused(at, f"{at}/remission", 422, amount="900.01", reason="too much")
    desk.refused(at, f"{at}/remission", 400, amount="ten", reason="no number")
    assert desk.done(at, f"{at}/remission", amount="200", reason="assessed wrongly") == at
    assert "assessed wrongly" in desk.open(at)
    tied(street, at)
    assert not Desk.of(street.town, street.budget).offers(at, f"{at}/remission")


def tied(street: Street, at: str) -> None:
    """Who declared an interest in the provider finds a sentence instead of the form."""
    officer = street.town.person(Role.FINANCE_OFFICER)
    desk = Desk.of(street.town, officer)
    assert desk.offers(at, f"{at}/remission")
    made(officer.post("/api/interests", {"provider_id": street.provider, "reason": "my aunt"}, key="declared"))
    assert not desk.offers(at, f"{at}/remission")
    assert "you decide nothing about it" in desk.open(at)


def test_nobody_else_sees_or_pays_it(fresh_street: Street) -> None:
    street = fresh_street
    stranger = settle(street).person
    home, _ = asked(street)
    till = Till(street.town.database, StripeTill("http://127.0.0.1:9", KEY))
    dispatch.ask_due(till)
    till.gateway.close()
    (due,) = home.person.get(f"/api/recipients/{home.recipient}/dues").json()["items"]
    for person in (stranger, street.house):
        assert person.get(f"/api/dues/{due['id']}").status_code == 404
        assert person.get(f"/api/recipients/{home.recipient}/dues").status_code == 404
        answer = person.post(f"/api/dues/{due['id']}/payment", {"method": "pm_card_visa"}, key="k")
        assert answer.status_code == 404
        assert person.post(f"/api/dues/{due['id']}/remission", {
            "reason": "x", "amount": {"amount": "1.00", "currency": "KZT"},
        }, key="r").status_code == 403  # fmt: skip
    Reader(street.town, stranger).open(f"{home.at}/dues", 404)
    refused = home.person.post(f"/api/dues/{due['id']}/payment", {"method": "pm_card_visa"}, key="early")
    assert refused.json()["type"].endswith("nothing-due"), "the server does not have it yet"
    listed = street.finance.get("/api/dues").json()["items"]
    assert [one["id"] for one in listed] == [due["id"]]
    assert listed[0]["left"]["amount"] == "900.00"


STOPPED = {
    "ru": ("На платёжном сервере их 2: pi_1, pi_2.", "700 ₸ из 900 ₸"),
    "kk": ("Төлем серверінде олар 2: pi_1, pi_2.", "900 ₸ сомасынан 700 ₸"),
}


def test_what_stopped_a_due_is_said_in_the_readers_language(fresh_street: Street) -> None:
    street = fresh_street
    home, _ = asked(street)
    till = Till(street.town.database, StripeTill("http://127.0.0.1:9", KEY))
    dispatch.ask_due(till)
    till.gateway.close()
    (due,) = home.person.get(f"/api/recipients/{home.recipient}/dues").json()["items"]
    rows = table_of(CollectionRow)
    several = DueDoubt.SEVERAL.of(many=2, objects="pi_1, pi_2")
    in_part = DueDoubt.RECEIVED_IN_PART.of(intent="pi_1", received=700_00, whole=900_00)
    for language, sentences in STOPPED.items():
        desk = Desk.of(street.town, street.finance, language=language)
        for why, sentence in zip((several, in_part), sentences, strict=True):
            with street.town.database.engine.begin() as connection:
                connection.execute(rows.update().where(rows.c.due_id == UUID(due["id"])).values(last_error=why))
            page = desk.open(f"/payments-desk/dues/{due['number']}")
            assert sentence in page
            assert why not in page


def test_signed_news_of_an_intent_makes_the_worker_look_at_it(fresh_street: Street) -> None:
    street = fresh_street
    asked(street)
    till = Till(street.town.database, StripeTill("http://127.0.0.1:9", KEY))
    dispatch.ask_due(till)
    till.gateway.close()
    rows, far = table_of(CollectionRow), datetime(2099, 1, 1, tzinfo=UTC)
    with street.town.database.engine.begin() as connection:
        connection.execute(rows.update().values(status="open", gateway_id="pi_1", next_try_at=far))
    news = {"id": "evt_pi", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}}
    assert tell(street.town, json.dumps(news).encode()).status_code == 200
    (row,) = street.town.database.read(SYSTEM, lambda work: work.rows(rows.select()))
    assert row.next_try_at < far
    assert row.status is CollectionStatus.OPEN, "what a message says is not believed"
