"""Vouchers and acts on paper: who may have them, what stands there, in which language; and what the QR code tells."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts.kernel.work import SYSTEM, Role
from market.user import queries, service
from tests.web.pictures.pdf_text import Pdf
from tests.web.street import Street, build
from tests.web.town import Person, Town, made

NAME = "Айгерім Сейтқали"
PDF = {"Accept": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Paper:
    town: Town
    street: Street
    holder: Person
    recipient: str
    voucher: str
    voucher_id: str
    act_id: str
    act: str
    other: Person
    other_voucher: str

    def ask(self, who: Person, path: str, language: str = "kk") -> httpx.Response:
        client = self.town.client
        client.cookies.clear()
        client.cookies.set("session", self._signed_in(who))
        answer: httpx.Response = client.get(path, params={"lang": language}, headers=PDF)
        return answer

    def _signed_in(self, who: Person) -> str:
        database = self.town.database
        actor = database.read(SYSTEM, lambda work: queries.actor_of_user(work, who.id))
        return database.write(actor, lambda work: service.open_session(work, who.id)).token

    def voucher_path(self, recipient: str | None = None) -> str:
        return f"/people/{recipient or self.recipient}/vouchers/{self.voucher}/voucher.pdf"

    def events(self, stream: str, about: str) -> list[str]:
        return [e["verb"] for e in self.street.auditor.get(f"/api/audit/{stream}/{about}").json()["items"]]


@pytest.fixture(scope="module")
def paper(hall: Town) -> Paper:
    street = build(hall)
    holder, voucher = street.holder()
    other, other_voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    engagement = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="a"))["engagement_id"]
    street.travel(2)
    start = datetime(2026, 3, 3, 5, tzinfo=UTC)
    visit = {
        "client_id": "v", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
    }  # fmt: skip
    entry = made(street.house.post(f"/api/engagements/{engagement}/entries", visit))["id"]
    made(holder.post(f"/api/entries/{entry}/confirmation"))
    street.travel(31)
    contract = street.house.get(f"/api/engagements/{engagement}").json()["contract_id"]
    act = made(street.house.post(f"/api/contracts/{contract}/acts", {"month": "2026-03"}))
    view = holder.get(f"/api/vouchers/{voucher}").json()
    recipient = street.operator.get(f"/api/recipients/{view['recipient_id']}").json()["number"]
    return Paper(
        hall, street, holder, recipient, view["number"], voucher, act["id"], act["number"], other, other_voucher
    )


def text_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/pdf")
    return Pdf.read(answer.content).text()


def test_a_holder_prints_the_voucher_with_their_name(paper: Paper) -> None:
    answer = paper.ask(paper.holder, paper.voucher_path())
    text = text_of(answer)
    for words in (
        "Әлеуметтік ваучер", paper.voucher, NAME, paper.recipient, "2026 ж. 3 наурыз", "2026 ж. 30 маусым",
        "3 000 ₸", f"/check/{paper.voucher}",
    ):  # fmt: skip
        assert words in text.replace("\N{NO-BREAK SPACE}", " "), words
    assert answer.headers["content-disposition"] == f'attachment; filename="{paper.voucher}.pdf"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("language", "title"), [("kk", "Әлеуметтік ваучер"), ("ru", "Социальный ваучер"), ("en", "Social voucher")]
)
def test_a_document_speaks_the_readers_language_and_says_which(paper: Paper, language: str, title: str) -> None:
    answer = paper.ask(paper.holder, paper.voucher_path(), language)
    assert title in text_of(answer)
    assert f"/Lang({language})".encode() in answer.content


def test_a_document_can_be_archived_and_read_aloud(paper: Paper) -> None:
    content = paper.ask(paper.holder, paper.voucher_path()).content
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in content
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"/Marked true" in content


def test_an_operator_is_shown_the_name_and_that_is_kept(paper: Paper) -> None:
    view = paper.street.operator.get(f"/api/vouchers/{paper.voucher_id}").json()
    before = paper.events("recipient", view["recipient_id"]).count("name-shown")
    assert NAME in text_of(paper.ask(paper.street.operator, paper.voucher_path()))
    assert paper.events("recipient", view["recipient_id"]).count("name-shown") == before + 1


def test_an_officer_prints_it_without_the_name(paper: Paper) -> None:
    for officer in (paper.street.budget, paper.street.auditor):
        text = text_of(paper.ask(officer, paper.voucher_path()))
        assert NAME not in text
        assert paper.recipient in text


def test_to_others_there_is_no_voucher_and_nobodys_number_opens_it(paper: Paper) -> None:
    stranger, other = paper.town.person(), paper.other
    elsewhere = paper.town.person(Role.OPERATOR, territory="75")
    for person in (stranger, other, elsewhere, paper.street.house):
        assert paper.ask(person, paper.voucher_path()).status_code == 404
    assert paper.ask(paper.holder, paper.voucher_path("R-00000-00000")).status_code == 404
    paper.town.client.cookies.clear()
    assert paper.town.client.get(paper.voucher_path(), headers=PDF).status_code == 401


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ("Р-1 нысаны", "Орындалған жұмыстар (көрсетілген қызметтер) актісі", "Жиыны", "Тапсырды (орындаушы)")),
        ("ru", ("Форма Р-1", "Акт выполненных работ (оказанных услуг)", "Итого", "Сдал (исполнитель)")),
        ("en", ("Form R-1", "Act of completed work (services rendered)", "Altogether", "Handed over (provider)")),
    ],
)
def test_an_act_has_what_the_form_asks_for(paper: Paper, language: str, words: tuple[str, ...]) -> None:
    answer = paper.ask(paper.street.house, f"/acts/{paper.act_id}/act.pdf", language)
    text = text_of(answer).replace("\N{NO-BREAK SPACE}", " ")
    for said in (*words, "Warm Home", "190540009117", "KZ86125KZT5004100100", paper.act, "03.03.2026", paper.recipient):
        assert said in text, said
    assert len(re.findall(r"2[ ,]500 ₸", text)) >= 4, "price, cost, line of the annex, totals"
    assert NAME not in text, "an act tells people by number"
    name = re.sub(r"[^A-Za-z0-9-]", "-", paper.act)
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.pdf"'


def test_an_act_is_for_its_house_and_the_officers_of_its_territory(paper: Paper) -> None:
    path = f"/acts/{paper.act_id}/act.pdf"
    for reader in (paper.street.budget, paper.street.finance, paper.street.auditor):
        assert paper.ask(reader, path).status_code == 200
    elsewhere = paper.town.person(Role.FINANCE_OFFICER, territory="75")
    for stranger in (paper.holder, elsewhere, paper.town.person()):
        assert paper.ask(stranger, path).status_code == 404


def test_a_draft_says_that_it_is_one(paper: Paper) -> None:
    path = f"/acts/{paper.act_id}/act.pdf"
    assert "Draft." in text_of(paper.ask(paper.street.house, path, "en"))


def test_whoever_holds_the_sheet_learns_whether_it_is_valid_and_not_whose(paper: Paper) -> None:
    number = paper.street.budget.get(f"/api/vouchers/{paper.other_voucher}").json()["number"]
    paper.town.client.cookies.clear()
    html = {"Accept": "text/html"}
    page = paper.town.client.get(f"/check/{number}", headers=html)
    assert page.status_code == 200
    assert "This voucher is valid today" in page.text
    made(paper.street.budget.post(f"/api/vouchers/{paper.other_voucher}/revocation", {"reason": "moved away"}, key="r"))
    after = paper.town.client.get(f"/check/{number}", headers=html).text
    assert "This voucher is not valid today" in after
    for secret in (NAME, "moved away"):
        assert secret not in page.text + after
    assert not re.search(r"\bR-", page.text + after), "no number of a recipient; a voucher's may hold these letters"
    assert paper.town.client.get("/check/V-00000-00000", headers=html).status_code == 404
