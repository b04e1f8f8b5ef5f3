"""Every page of every desk opens on both kinds of database, in all three languages, and loads nothing from outside."""

import re

import pytest

from market.web.pages.record.nouns import NOUNS
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office

OUTSIDE = re.compile(r"""(?:src|href|action)="(?:https?:)?//""")


@pytest.fixture
def fresh(cast: Cast) -> Office:
    return cast(build_office)


def pages(office: Office) -> dict[str, list[str]]:
    street = office.street
    user = f"/users/{street.budget.id}"
    return {
        "budget": [
            "/budget", "/budget/territories/710000000", "/budget/lines/2026-71-1-state-order",
            f"/budget/contracts/{office.contract}", "/budget/new-line", "/acts-desk", f"/acts-desk/{office.act}",
            "/flags-desk", "/rules/rounds/new",
            "/tariffs?days=ever", "/tariffs/new", "/registry?status=admitted", f"/registry/{office.provider}",
            "/vouchers/new", "/recipients/new",
        ],
        "buyer": ["/tenders-desk", "/tenders-desk/new", "/registry"],
        "finance": ["/payments-desk", "/payments-desk/accounts", "/payments-desk/list/order", "/rules/acts/new"],
        "chief": ["/users", "/users?name=b", "/users/new", user, f"{user}/grants/new?role=operator"],
        "auditor": [f"/audit/act/{office.act_id}", "/records", *(f"/{noun.path}" for noun in NOUNS if noun.every)],
    }  # fmt: skip


def test_every_desk_opens_in_three_languages(fresh: Office) -> None:
    for who, paths in pages(fresh).items():
        for language in ("kk", "ru", "en"):
            reader = fresh.reader(getattr(fresh.street, who), language=language)
            for path in paths:
                page = reader.open(path)
                assert f'lang="{language}"' in page
                assert not OUTSIDE.search(page), path
                assert " style=" not in page, path
