"""Every form of every role, filled in wrongly: it is sent back with what was typed, says what is wrong beside the field
and in a summary, in the reader's language, and nothing crashes."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser import installation, roles
from tests.browser.crawl import Visit, crawl, to_look_at
from tests.browser.installation import Installation, form_token
from tests.browser.markup import Field, Form, Page

TYPED = "ҚАТЕ <b>& 7'x"  # no number, no day, no money; and letters that must come back as they were
WRITTEN = frozenset({"text", "textarea", "number", "tel", "email", "search", "date", "url", "month", "time"})
LEFT_ALONE = re.compile(r"/sign-out|/demo/|/language/|/display/")
MENDABLE = {400, 401, 409, 422}


@pytest.fixture(scope="module")
def scratch(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation.running(seeded, tmp_path_factory.mktemp("scratch") / "home") as scratch:
        roles.add_missing(scratch)
        yield scratch


def _written(form: Form) -> list[Field]:
    return [f for f in form.fields if f.kind in WRITTEN and f.name]


def _forms(visits: list[Visit]) -> list[tuple[str, Form]]:
    """One of each action, numbers and ids aside. Those with one field last: where free words are welcome, they are
    done, and other forms of their page may be gone after that."""
    return sorted(_every_form(visits), key=lambda found: -len(_written(found[1])))


def _every_form(visits: list[Visit]) -> Iterator[tuple[str, Form]]:
    known = set()
    for visit in to_look_at(visits):
        for form in visit.page.forms:
            kind = re.sub(r"[A-Z]-[0-9A-Z-]+|[0-9a-f-]{36}|\d+", "*", form.action)
            if form.method == "post" and not LEFT_ALONE.search(form.action) and _written(form) and kind not in known:
                known.add(kind)
                yield visit.address, form


def send_wrongly(client: httpx.Client, address: str, form: Form) -> str | None:
    """What a reader would complain of."""
    shown = client.get(address).text
    if form.action not in {one.action for one in Page(shown).forms}:
        return None  # what it was about was done by a form before it
    fresh = {"form_token": form_token(shown), "key": "another"}
    typed = {f.name: TYPED for f in _written(form)}
    answer = client.post(form.action, data=form.as_shown() | typed | fresh)
    where = f"{address}: form {form.action}"
    if answer.status_code in {200, 303, 404}:
        return None  # free words are welcome there
    if answer.status_code not in MENDABLE:
        return f"{where}: {answer.status_code}"
    page = Page(answer.text)
    if "govuk-error-summary" not in answer.text:
        return f"{where}: {answer.status_code} without a summary"
    back = {f.value for again in page.forms for f in again.fields if f.name in typed}
    if TYPED not in back:
        return f"{where}: what was typed is lost: {sorted(back)[:5]}"
    broken = [link for link in page.links if link.startswith("#") and link[1:] not in page.ids]
    return f"{where}: the summary leads nowhere: {broken}" if broken else None


@pytest.mark.parametrize("role", roles.EVERY)
def test_wrong_input_is_kept_and_explained(scratch: Installation, role: str) -> None:
    visits = crawl(scratch, role)
    with scratch.signed_in(role) as client:
        client.cookies.set("language", "kk")
        complaints = [told for address, form in _forms(visits) if (told := send_wrongly(client, address, form))]
    assert not complaints, "\n" + "\n".join(complaints)
