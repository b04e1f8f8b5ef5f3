"""Visits confirmed by one button or by the code that is told; what was paid for them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from contracts.kernel.work import Role
from tests.web.recipient.reader import Home, Reader, engaged, represented, settle, verbs
from tests.web.street import Street, build
from tests.web.town import Town, made


@pytest.fixture
def street(fresh_street: Street) -> Street:
    return fresh_street


def enter(street: Street, engagement: str, number: int = 0, *, day: int = 3) -> str:
    start = datetime(2026, 3, day, 4 + number, tzinfo=UTC)
    body = {
        "client_id": f"v-{day}-{number}", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
    }  # fmt: skip
    return str(made(street.house.post(f"/api/engagements/{engagement}/entries", body))["id"])


def served(street: Street) -> tuple[Home, str]:
    home = settle(street)
    engagement = engaged(street, home)
    street.travel(2)
    return home, engagement


def test_a_visit_is_confirmed_by_one_button(street: Street) -> None:
    home, engagement = served(street)
    entry = enter(street, engagement)
    reader = Reader(street.town, home.person)
    page = reader.open(f"{home.at}/visits")
    confirm = f"{home.at}/visits/{entry}/confirm"
    page = reader.follow(reader.press(page, confirm))
    assert "The visit is confirmed. Thank you." in page.words
    assert "No visit waits for your confirmation." in page.words
    assert "Confirmed by you or your representative" in page.words
    assert verbs(street, "entry", entry) == ["entered", "confirmed"]
    assert home.person.get(f"/api/entries/{entry}").json()["confirmed_how"] == "tap"


def test_the_code_on_the_page_is_the_one_that_confirms_and_the_next_is_another(street: Street) -> None:
    home, engagement = served(street)
    reader = Reader(street.town, home.person)
    code = shown_code(reader, home)
    assert re.fullmatch(r"[0-9]{3} [0-9]{3}", code)
    entry = enter(street, engagement, day=4)
    assert made(street.house.post(f"/api/entries/{entry}/code", {"code": code}))["confirmed_how"] == "code"
    assert shown_code(reader, home) != code
    assert "Confirmed by the code you told" in reader.open(f"{home.at}/visits").words
    assert shown_code(Reader(street.town, represented(street, home)), home) == shown_code(reader, home)
    assert "code-told" not in verbs(street, "engagement", engagement)


def shown_code(reader: Reader, home: Home) -> str:
    (code,) = re.findall(r'<p class="code">([0-9 ]+)</p>', reader.open(f"{home.at}/visits").text)
    return str(code)


def test_an_operator_sees_a_code_only_when_asking_and_that_is_kept(street: Street) -> None:
    home, engagement = served(street)
    reader = Reader(street.town, street.operator)
    page = reader.open(f"{home.at}/visits")
    assert 'class="code"' not in page.text
    told = reader.press(page, f"{home.at}/visits/code/{engagement}")
    assert told.status == 200
    (code,) = re.findall(r'<p class="code">([0-9 ]+)</p>', told.text)
    assert code == shown_code(Reader(street.town, home.person), home)
    (event,) = [
        e for e in street.auditor.get(f"/api/audit/engagement/{engagement}").json()["items"] if e["verb"] == "code-told"
    ]
    assert event["actor_id"] == str(street.operator.id)
    assert [c["after"] for c in event["changes"] if c["table"] == "standing-in"] == [{"capacity": "operator"}]


def test_codes_of_a_month_are_printed_and_that_is_kept(street: Street) -> None:
    home, engagement = served(street)
    reader = Reader(street.town, home.person)
    sheet = reader.press(reader.open(f"{home.at}/visits"), f"{home.at}/visits/sheet/{engagement}")
    codes = re.findall(r"[0-9]{3} [0-9]{3}(?=</td>)", sheet.text)
    assert len(codes) == 31
    assert codes[0] == shown_code(reader, home)
    assert verbs(street, "engagement", engagement)[-1] == "codes-printed"


def test_nobody_else_confirms_or_learns_a_code(street: Street) -> None:
    home, engagement = served(street)
    other = settle(street)
    entry = enter(street, engagement)
    strangers = [street.house, other.person, represented(street, other), street.budget]
    strangers.append(street.town.person(Role.OPERATOR, territory="10"))
    for stranger in strangers:
        reader = Reader(street.town, stranger)
        token = reader.open("/account").text.split('name="form_token" value="')[1].split('"')[0]
        for person in (home, other):
            for action in (f"visits/{entry}/confirm", f"visits/code/{engagement}", f"visits/sheet/{engagement}"):
                sent = reader._ask("POST", f"{person.at}/{action}", data={"form_token": token, "key": action[:60]})
                assert sent.status == 404, (stranger.login, action)
    assert verbs(street, "entry", entry) == ["entered"]


def test_who_serves_there_and_is_served_there_sees_no_code_and_confirms_nothing(street: Street) -> None:
    home, engagement = served(street)
    entry = enter(street, engagement)
    grant = {"role": "carer", "provider_id": street.provider, "from_on": "2026-01-01"}
    made(street.chief.post(f"/api/users/{home.person.id}/grants", grant))
    reader = Reader(street.town, home.person)
    page = reader.open(f"{home.at}/visits")
    assert 'class="code"' not in page.text
    refused = reader.press(page, f"{home.at}/visits/{entry}/confirm")
    assert refused.status == 403
    assert verbs(street, "entry", entry) == ["entered"]


def test_a_visit_confirmed_elsewhere_meanwhile_is_said_to_be(street: Street) -> None:
    home, engagement = served(street)
    entry = enter(street, engagement)
    reader = Reader(street.town, home.person)
    page = reader.open(f"{home.at}/visits")
    made(street.operator.post(f"/api/entries/{entry}/confirmation"))
    late = reader.press(page, f"{home.at}/visits/{entry}/confirm")
    assert late.status == 409
    assert "Confirmed for you at the service centre" in late.words


def test_past_visits_are_walked_page_by_page(town: Town) -> None:
    street = build(town)
    home = settle(street)
    engagement = engaged(street, home)
    street.travel(28)
    for number in range(52):
        enter(street, engagement, number % 8, day=3 + number // 8)
    reader = Reader(street.town, home.person)
    page = reader.open(f"{home.at}/visits")
    first = re.findall(r'class="past__one"><strong>([^<]+)', page.text)
    (following,) = re.findall(r'href="(/people/[^"]+visits\?before=[^"]+)"', page.text)
    rest = reader.open(following.replace("&amp;", "&"))
    last = re.findall(r'class="past__one"><strong>([^<]+)', rest.text)
    assert (len(first), len(last)) == (50, 2)
    assert not set(first) & set(last)
    assert "Today's code" not in rest.words
    for nonsense in ("x", "2026-03-03T04:00:00_" + engagement, "_"):
        reader.open(f"{home.at}/visits?before={nonsense}", 400)


def test_what_was_paid_is_followed_from_the_report_to_the_payment(town: Town) -> None:
    street = build(town)
    home, engagement = served(street)
    entry = enter(street, engagement)
    made(home.person.post(f"/api/entries/{entry}/confirmation"))
    reader = Reader(street.town, home.person)
    at = f"{home.at}/payments"
    assert "Nothing has been handed in for payment yet." in reader.open(at).words
    street.travel(31)
    reader = Reader(street.town, home.person)
    contract = street.house.get(f"/api/engagements/{engagement}").json()["contract_id"]
    act = made(street.house.post(f"/api/contracts/{contract}/acts", {"month": "2026-03"}))["id"]
    assert "Nothing has been handed in" in reader.open(at).words, "a draft is nobody's business"
    for desk, verb, said in (
        (street.house, "submission", "The provider has handed in its report"),
        (street.budget, "acceptance", "Checked and accepted; it will be paid"),
        (street.finance, "payment", "On its way to the provider"),
    ):
        made(desk.post(f"/api/acts/{act}/{verb}", key=verb))
        words = reader.open(at).words
        assert said in words
        assert "March 2026: Warm Home 2,500 ₸ for 1 visit" in words


def test_an_operator_enters_the_page_that_was_signed(street: Street) -> None:
    home, engagement = served(street)
    entry, other = enter(street, engagement), enter(street, engagement, 3)
    reader = Reader(street.town, street.operator)
    there = f"{home.at}/visits/{entry}/paper"
    assert not Reader(street.town, home.person).open(f"{home.at}/visits").has_form(there)
    page = reader.open(f"{home.at}/visits")
    assert reader.press(page, there, paper_page="").status == 400
    long = reader.press(page, there, paper_page="J" * 41)
    assert long.status == 400
    assert f'id="paper_page-{entry}-error"' in long.text, "beside its own field"
    assert f'href="#paper_page-{entry}"' in long.text
    assert long.text.count(f'value="{"J" * 41}"') == 1, "what was typed is kept, at its own visit"
    page = reader.follow(reader.press(page, there, paper_page="J-7/12"))
    assert "The visit is confirmed by the signed page." in page.words
    assert "Confirmed by your signature in the paper journal" in page.words
    told = made(street.operator.post(f"/api/entries/{other}/paper", {"page": "J-7/13"}))
    assert (told["confirmed_how"], told["paper_page"]) == ("paper", "J-7/13")
    assert verbs(street, "entry", other) == ["entered", "confirmed"]


def test_the_holder_reads_what_was_done_and_when_nobody_came(street: Street) -> None:
    home, engagement = served(street)
    reader = Reader(street.town, home.person)
    entry = enter(street, engagement)
    items = [{"code": "fuel", "amount": 12}, {"code": "dressing"}]
    made(street.house.post(f"/api/entries/{entry}/items", {"items": items}))
    words = " ".join(reader.open(home.voucher_at).words.split())
    assert "12 kg in all" in words
    assert "30 kg" in words
    away = {"kind": "no-show", "planned_at": "2026-03-04T04:00:00+00:00", "quantity": 1}
    made(street.house.post(f"/api/engagements/{engagement}/absences", away))
    shown = reader.open(f"{home.at}/visits").words
    assert "Nobody was there" in shown
    assert "Taken off the month's volume: 1." in shown
