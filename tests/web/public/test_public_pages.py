"""What everybody may read: start, directory, statistics, open data, help, the API. And what nobody may."""

import csv
import io
import json
import re
from uuid import UUID

import pytest

from contracts.kernel.work import SYSTEM, Role
from market.oversight import statistics
from market.placement import queries
from market.placement.publishing import publish_round
from market.placement.reporting import Reporter
from market.placement.round import run_round
from market.provider import queries as providers
from market.provider import service as providing
from market.web.headers import CONTENT_POLICY
from market.web.language import LANGUAGES
from market.web.pages.public.articles import TOPICS
from market.web.problems import kinds
from tests.web.public.reader import HTML, Reader
from tests.web.street import Street, build
from tests.web.town import ASTANA, Town, made

PAGES = [
    "/", "/directory", "/statistics", "/open-data", "/how-we-decide", "/help", "/accessibility", "/problems",
    "/problems/no-free-place", "/schema", "/api-explorer", *(f"/help/{topic}" for topic in sorted(TOPICS)),
]  # fmt: skip


@pytest.fixture(scope="module")
def street(hall: Town) -> Street:
    return build(hall)


def number_of(street: Street) -> str:
    found = street.town.database.read(SYSTEM, lambda work: providers.provider(work, UUID(street.provider)))
    return found.number


def text_of(page: str) -> str:
    """What a reader sees of the main part."""
    main = re.search(r"<main.*?</main>", page, re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


# --- every page ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_everybody_may_read_it_in_their_language_and_nothing_comes_from_outside(
    hall: Town, street: Street, path: str, language: str
) -> None:
    page = Reader(hall).open(f"{path}?lang={language}")
    assert f'<html lang="{language}"' in page
    assert page.count("<h1") == 1
    assert not re.findall(r"""(?:src|href|action)="(?:https?:)?//""", page)
    assert not re.findall(r"<script(?![^>]*src=)", page)
    assert " style=" not in page
    if language == "en":
        return
    english = text_of(Reader(hall).open(f"{path}?lang=en"))
    own = text_of(page)
    assert own != english
    if path.startswith(("/help", "/how-we-decide", "/accessibility")):
        cyrillic = sum("а" <= c.lower() <= "я" or c.lower() in "ёәғқңөұүһі" for c in own)
        assert cyrillic > 0.9 * sum(c.isalpha() for c in own), "an English sentence is left"


def test_the_pages_are_not_there_for_what_is_not_public(hall: Town, street: Street) -> None:
    visitor = Reader(hall)
    for path in (
        "/help/hacking", "/problems/nothing", "/directory/none", "/open-data/people.csv", "/open-data/offers.exe",
        "/open-data/offers", "/statistics/rounds/999", "/statistics/rounds/x",
    ):  # fmt: skip
        assert visitor.ask(path).status_code == 404, path


# --- start -----------------------------------------------------------------------------------------------------------
def test_a_visitor_is_led_to_help_and_to_the_door(hall: Town, street: Street) -> None:
    page = Reader(hall).open("/")
    assert 'href="/directory"' in page
    assert 'href="/sign-in"' in page


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.BUDGET_OFFICER, "/rounds-desk"),
        (Role.AUDITOR, "/records"),
        (Role.OPERATOR, "/people"),
        (Role.ADMINISTRATOR, "/users"),
        (Role.FINANCE_OFFICER, "/payments-desk"),
        (Role.PROCUREMENT_OFFICER, "/registry"),
    ],
)
def test_each_role_finds_its_desk_on_the_first_page(hall: Town, street: Street, role: Role, address: str) -> None:
    assert f'<a class="govuk-link" href="{address}">' in Reader(hall, hall.person(role)).open("/")


def test_a_holder_and_a_house_find_theirs_and_somebody_without_a_task_is_told(hall: Town, street: Street) -> None:
    holder, _ = street.holder()
    assert 'href="/my"' in Reader(hall, holder).open("/")
    assert 'href="/organisation"' in Reader(hall, street.house).open("/")
    assert "Nobody has given you a task here yet" in Reader(hall, hall.person()).open("/")


# --- directory -------------------------------------------------------------------------------------------------------
def test_the_directory_is_searched_by_everything_a_family_asks(hall: Town, street: Street) -> None:
    visitor = Reader(hall)
    for query in ("", "?name=warm", f"?territory={ASTANA}", "?kind=domestic&setting=home", "?language=ru&free=yes"):
        assert "Warm Home" in visitor.open(f"/directory{query}"), query
    for query in ("?name=cold", "?territory=750000000", "?kind=legal", "?setting=in-patient", "?language=en"):
        assert "Nobody matches this search" in visitor.open(f"/directory{query}"), query


def test_what_was_searched_for_stays_in_the_form_and_rubbish_is_no_condition(hall: Town, street: Street) -> None:
    page = Reader(hall).open("/directory?name=warm%20%3Cb%3E&kind=domestic&free=yes")
    assert 'value="warm &lt;b&gt;"' in page
    assert re.search(r'<option value="domestic"\s+selected', page)
    assert re.search(r'name="free"[^>]*checked', page)
    rubbish = Reader(hall).open("/directory?kind=magic&territory=99&language=zz&setting=moon")
    assert "Warm Home" in rubbish
    assert Reader(hall).ask("/directory?after=x").status_code == 400
    assert Reader(hall).ask("/directory?after=00000000-0000-0000-0000-000000000001").status_code == 404
    assert Reader(hall).ask(f"/directory?name={'x' * 5000}").status_code == 200


def test_the_map_leads_to_a_region_and_keeps_the_other_conditions(hall: Town, street: Street) -> None:
    page = Reader(hall).open("/directory?kind=domestic")
    addresses = re.findall(r'<a class="map__region[^"]*" href="([^"]+)"', page)
    assert len(addresses) == 20
    assert any(f"territory={ASTANA}" in address and "kind=domestic" in address for address in addresses)
    assert "Show the whole country" in Reader(hall).open(f"/directory?territory={ASTANA}")


def test_a_providers_page_says_what_it_offers_where_and_at_what_price(hall: Town, street: Street) -> None:
    page = text_of(Reader(hall).open(f"/directory/{number_of(street)}"))
    for said in (
        "Warm Home", "190540009117", "Licence SSS-1", "House on the river", "₸ a visit", "10 free places",
        "elderly people", "Kazakh, Russian", "20 km",
    ):  # fmt: skip
        assert said in page, said


def test_a_suspended_provider_leaves_the_directory_and_its_page_says_so(hall: Town, street: Street) -> None:
    number = number_of(street)
    hall.database.write(SYSTEM, lambda work: providing.suspend(work, UUID(street.provider), reason="licence"))
    try:
        assert "Warm Home" not in text_of(Reader(hall).open("/directory"))
        assert "may not take new people today" in Reader(hall).open(f"/directory/{number}")
    finally:
        hall.database.write(SYSTEM, lambda work: providing.readmit(work, UUID(street.provider)))


# --- statistics and downloads ----------------------------------------------------------------------------------------
def test_statistics_begin_with_the_first_day_and_hide_the_few(hall: Town, street: Street) -> None:
    assert "The first ones are not there yet" in Reader(hall).open("/statistics")
    statistics.take(hall.database)
    page = text_of(Reader(hall).open("/statistics"))
    assert "Nobody waits for a place or has one yet." in page
    assert "Organisations that may help, by region" in page


def test_a_round_is_public_when_it_is_published_and_not_before(hall: Town, street: Street) -> None:
    for _ in range(7):
        holder, voucher = street.holder()
        made(holder.post(f"/api/vouchers/{voucher}/request", {}))
    report = run_round(hall.database, workers=1)
    address = f"/statistics/rounds/{report.number}"
    assert Reader(hall).ask(address).status_code == 404
    assert address not in Reader(hall).open("/statistics")
    hall.database.write(SYSTEM, lambda work: publish_round(work, report.round_id))
    one = hall.database.read(SYSTEM, lambda work: queries.round_(work, report.round_id))
    page = text_of(Reader(hall).open(address))
    assert one.instance_sha256 is not None
    assert one.instance_sha256 in page
    assert "7 requests got a place, out of 7" in page
    assert "The other policy beside it" not in page, "it is counted a moment later"
    assert Reporter()(hall.database) == 1
    page = text_of(Reader(hall).open(address))
    assert "would have given a place to 7 instead of 7" in page
    assert "with somebody less urgent: 0." in page
    assert address in Reader(hall).open("/statistics")
    rows = json.loads(Reader(hall).ask("/open-data/rounds.json").text)
    assert {"figure": "all", "group": "served", "value": 7}.items() <= rows[0].items()


@pytest.mark.parametrize("name", ["providers", "service-points", "offers", "rounds", "statistics"])
def test_every_file_is_sent_as_csv_and_as_json(hall: Town, street: Street, name: str) -> None:
    page = Reader(hall).open("/open-data")
    as_csv, as_json = (Reader(hall).ask(f"/open-data/{name}.{form}") for form in ("csv", "json"))
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert as_csv.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert as_csv.headers["content-security-policy"] == CONTENT_POLICY
    rows = list(csv.DictReader(io.StringIO(as_csv.text.removeprefix("\ufeff"))))
    told = json.loads(as_json.text)
    assert len(rows) == len(told)
    assert f'href="/open-data/{name}.csv"' in page


# --- problems and the API --------------------------------------------------------------------------------------------
def test_every_problem_has_its_page_in_every_language(hall: Town, street: Street) -> None:
    listed = Reader(hall).open("/problems")
    for code in kinds():
        assert f'href="/problems/{code}"' in listed
        assert Reader(hall).ask(f"/problems/{code}").status_code == 200, code


def test_the_api_page_names_every_operation_with_its_fields(hall: Town, street: Street) -> None:
    page = text_of(Reader(hall).open("/schema"))
    document = hall.client.get("/schema/openapi.json").json()
    for path, item in document["paths"].items():
        for method in item:
            assert f"{method.upper()} {path}" in page
    assert "offer_id" in page
    assert "Idempotency-Key" in page


def test_the_api_page_knows_who_is_signed_in(hall: Town, street: Street) -> None:
    assert street.budget.login in Reader(hall, street.budget).open("/schema")
    assert street.budget.login not in Reader(hall).open("/schema")


def test_only_the_page_of_swagger_may_style_itself(hall: Town, street: Street) -> None:
    policy = Reader(hall).ask("/api-explorer").headers["content-security-policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    for path in ("/", "/schema", "/schema/openapi.json", "/directory"):
        assert hall.client.get(path, headers=HTML).headers["content-security-policy"] == CONTENT_POLICY
