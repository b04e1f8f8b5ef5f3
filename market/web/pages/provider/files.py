"""Files of visits: looked at first, then entered; what was sent before, and taking a file back."""

import asyncio
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from contracts.kernel.errors import DomainError, Malformed, RuleBroken
from contracts.kernel.work import Work
from contracts.register import batch as batches
from contracts.register import queries
from contracts.register.rules import LONGEST_REASON
from market.placement import visit_upload
from market.placement.daybook import Judged
from market.placement.visit_file import MAX_FILE, FileUnreadable
from market.placement.visit_upload import Desk, Outcome
from market.provider.queries import Provider
from market.web.language import _, language_of, tr
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, Said, faults_of, new_key, submit, told_apart
from market.web.pages.provider.house import address_of, desk_page, house_of
from market.web.pages.provider.paste import HEADS
from market.web.pages.provider.visits import HERE, say_fault
from market.web.problems import status_of
from market.web.wire import PAGE
from market.web.work import Caller, Id, TheCaller, WebRequest

FILES = f"{HERE}/files"


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A row of the file that is wrong, with every reason and the cell it is in."""

    number: int
    cells: list[tuple[str, str]]


@get("/organisations/{number:str}/visits/files", sync_to_thread=True)
def show_files(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[str]:
    return _page(request, caller, at, number, EMPTY, None)


def _page(
    request: WebRequest, caller: Caller, at: TheSlice, number: str, filled: Filled, found: Outcome | None
) -> Response[str]:
    def read(work: Work) -> tuple[Provider, Any]:
        house = house_of(work, number, carers=True)
        return house, queries.batches(work, house.id, after=at.after, limit=at.limit + 1)

    house, sent = caller.read(read)
    rows = [_row(request, one) for one in found.told[:PAGE]] if found else []
    return desk_page(
        request, "files", house, HERE, filled=filled, key=new_key(), found=found, wrong_rows=rows,
        sent=at.listing(sent, lambda one: one, lambda one: one.id), megabytes=MAX_FILE // 1024 // 1024,
        columns=", ".join(tr(language_of(request), head) for head in HEADS.values()),
    )  # fmt: skip


def _row(request: WebRequest, one: Judged) -> SeenRow:
    language = language_of(request)
    cells = [(tr(language, HEADS[column]), say_fault(request, fault)) for column, fault in one.faults]
    return SeenRow(one.line.number, cells)


@post("/organisations/{number:str}/visits/files", opt={"file": True}, request_max_body_size=MAX_FILE, status_code=200)
async def send_file(request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str]) -> Response[Any]:
    """The form sends the file itself; what a row says makes its id, so the same file twice enters nothing twice."""
    form = await request.form()
    sent = form.get("file")
    file = sent if isinstance(sent, UploadFile) else None
    try:
        return await asyncio.to_thread(_send, request, caller, at, number, file, form.get("do") == "enter")
    finally:
        if file is not None:
            await file.close()


def _send(
    request: WebRequest, caller: Caller, at: TheSlice, number: str, file: UploadFile | None, entering: bool
) -> Response[Any]:
    house = caller.read(lambda work: house_of(work, number, carers=True))
    place = tr(language_of(request), _("At home"))
    desk = Desk(caller.site.database, caller.actor, caller.vault, house.id, place)
    try:
        if file is None:
            raise FileUnreadable(pointer="/file")
        found = (
            visit_upload.enter(desk, file.file, name=file.filename) if entering else visit_upload.look(desk, file.file)
        )
    except (Malformed, RuleBroken) as error:
        return _refused(request, caller, at, number, error, file)
    faults = []
    if found.wrong:
        faults = [Said("file", tr(language_of(request), _("Some rows need another look: see the table")))]
    page = _page(request, caller, at, number, Filled({}, faults), found)
    page.status_code = status_of(RuleBroken) if faults else 200
    return page


def _refused(
    request: WebRequest, caller: Caller, at: TheSlice, number: str, error: DomainError, file: UploadFile | None
) -> Response[str]:
    said = [Said("file", one.text) for one in faults_of(request, error)]
    if file is None:
        said = [Said("file", tr(language_of(request), _("Choose a file")))]
    page = _page(request, caller, at, number, Filled({}, said), None)
    page.status_code = status_of(type(error))
    return page


@post("/organisations/{number:str}/visits/files/{batch_id:uuid}/undoing", sync_to_thread=True)
def undo(
    request: WebRequest, caller: TheCaller, at: TheSlice, number: FromPath[str], batch_id: Id, data: Form
) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        reason = reading.text("reason", max_length=LONGEST_REASON)
        reading.check()
        house_of(work, number, carers=True)
        batches.undo(work, batch_id, reason=reason)

    def again(filled: Filled) -> Response[str]:
        return _page(request, caller, at, number, told_apart(filled, batch_id, "reason"), None)

    return submit(
        request, caller, data, do=do, again=again, to=address_of(number, FILES),
        said=_("The file is taken back. Nothing is paid for its visits."),
    )  # fmt: skip


HANDLERS = [show_files, send_file, undo]
