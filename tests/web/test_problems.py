"""Every refusal has one form, and its type is an address that answers."""

import logging
import re

import pytest

from contracts.kernel.errors import DomainError, NotFound
from contracts.kernel.runner import DatabaseUnavailable
from contracts.kernel.work import Role
from market.web import problems
from market.web.language import problem_titles
from tests.web.town import Town, problem

NOT_SERVED = ("market.command", "market.peer", "market.seed", "market.worker")  # they refuse on the command line


def test_an_unknown_address_is_a_problem(hall: Town) -> None:
    problem(hall.client.get("/api/nowhere"), 404, "no-such-address")


def test_a_method_that_an_address_does_not_take_is_a_problem(hall: Town) -> None:
    problem(hall.client.put("/api/me"), 405, "method-not-allowed")


def test_an_id_that_is_none_names_nothing(hall: Town) -> None:
    officer = hall.person(Role.BUDGET_OFFICER)
    problem(officer.get("/api/funding-lines/123"), 404, "no-such-address")


def test_a_parameter_that_cannot_be_read_is_named(hall: Town) -> None:
    told = problem(hall.client.get("/api/localities?territory=abc"), 400, "malformed-input")
    assert told["errors"][0]["pointer"] == "/territory"


@pytest.mark.parametrize("limit", ["0", "201", "x", "9" * 30])
def test_a_page_has_a_limit(hall: Town, limit: str) -> None:
    told = problem(hall.person(Role.BUDGET_OFFICER).get(f"/api/funding-lines?limit={limit}"), 400, "malformed-input")
    assert told["errors"][0]["pointer"] == "/limit"


def test_a_zero_byte_in_an_address_is_refused(hall: Town) -> None:
    problem(hall.person(Role.BUDGET_OFFICER).get("/api/funding-lines?territory=1%00"), 400, "malformed-input")


def test_the_title_speaks_the_readers_language(hall: Town) -> None:
    titles = {
        hall.client.get("/api/me", headers={"accept-language": language}).json()["title"]
        for language in ("kk", "ru-RU,ru;q=0.9", "en", "de, xx;q=nonsense")
    }
    assert len(titles) == 3
    assert hall.client.get("/api/me?lang=kk").json()["title"] in titles


def test_a_programmers_error_tells_nothing_and_is_logged_with_the_request(
    hall: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("secret of the house")

    monkeypatch.setattr("market.catalogue.queries.territories", broken)
    monkeypatch.setattr("market.catalogue.queries.kinds", broken)
    with caplog.at_level(logging.ERROR):
        response = hall.client.get("/api/territories")
    told = problem(response, 500, "internal-error")
    assert "secret" not in response.text
    assert response.headers["x-request-id"] in caplog.text
    assert told["detail"] == problems.OurFault.title


def test_a_busy_database_says_when_to_come_back(hall: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr("market.catalogue.queries.territories", busy)
    response = hall.client.get("/api/territories")
    problem(response, 503, "database-unavailable")
    assert response.headers["retry-after"] == "2"


def test_every_family_has_its_status() -> None:
    assert problems.status_of(NotFound) == 404
    assert {problems.status_of(kind) for kind in problems.kinds().values() if kind is not DomainError} <= {
        400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503,
    }  # fmt: skip
    assert problems.status_of(DomainError) == 500


def test_answers_carry_the_policy_of_the_house(hall: Town) -> None:
    for path in ("/api/territories", "/nowhere", "/schema"):
        headers = hall.client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_every_problem_says_what_it_is_in_three_languages_at_its_own_address(hall: Town) -> None:
    """A new refusal needs a row in market/locales/problems.csv."""
    titles = problem_titles()
    ours = {
        code
        for code, kind in problems.kinds().items()
        if kind.__module__.startswith(("contracts.", "market.")) and not kind.__module__.startswith(NOT_SERVED)
    }
    assert ours <= titles.keys()
    assert all(row["kk"] and row["ru"] for row in titles.values())
    for code in ("no-free-place", "malformed-input"):
        pages = {
            hall.client.get(f"/problems/{code}?lang={lang}", headers={"accept": "text/html"}).text
            for lang in ("kk", "ru", "en")
        }
        assert len(pages) == 3
        for row in (titles[code]["kk"], titles[code]["ru"]):
            assert all(row in page for page in pages)
    assert hall.client.get("/problems/no-such-code").status_code == 404


def test_a_garbled_host_header_costs_nobody_a_page(hall: Town) -> None:
    for host in ("a:b:c", "[", "x" * 300):
        assert hall.client.get("/", headers={"host": host, "accept": "text/html"}).status_code == 200
        assert hall.client.get("/nowhere", headers={"host": host, "accept": "text/html"}).status_code == 404


def test_a_body_that_is_missing_is_said_to_be(hall: Town) -> None:
    told = problem(hall.client.post("/api/sessions"), 400, "malformed-input")
    assert (told["detail"], told["errors"][0]["pointer"]) == ("The body is missing", "")


@pytest.mark.parametrize(
    ("language", "title", "meaning"),
    [
        ("kk", "Бұл мекенжайда ештеңе жоқ", "Ондай нәрсе жоқ немесе ол сізге көрсетілмейді."),
        ("ru", "По этому адресу ничего нет", "Этого нет, или это не для вас."),
    ],
)
def test_a_problem_page_speaks_the_readers_language_and_no_other(
    hall: Town, language: str, title: str, meaning: str
) -> None:
    answer = hall.client.get(f"/no/such/page?lang={language}", headers={"accept": "text/html"})
    main = answer.text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    words = re.sub(r"<[^>]+>|urn:uuid:\S+", " ", main)
    assert answer.status_code == 404
    assert title in words
    assert meaning in words
    assert not re.findall(r"[A-Za-z]{2,}", words), words
