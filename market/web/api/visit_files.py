"""Files of visits: CSV, XLSX or NDJSON, sent as they are; looked at first, entered, and taken back as a whole."""

import asyncio
import tempfile
from datetime import datetime
from typing import IO, Annotated, Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import JSONBody, QueryParameter

from contracts.kernel.work import Work
from contracts.register import batch as batches
from contracts.register import queries
from contracts.register.queries import Batch
from market.placement import visit_upload
from market.placement.daybook import Judged
from market.placement.visit_file import MAX_FILE
from market.placement.visit_upload import Desk, Outcome
from market.provider.rules import ProviderNotFound
from market.web.api.visits import RowFault
from market.web.lists import TheSlice
from market.web.routes import WRITING, reads, refusals, writes
from market.web.wire import Listing, ReasonGiven, shown
from market.web.work import Id, TheCaller, WebRequest

IN_MEMORY = 1 << 20  # what is larger lies on the disk until it is read
Name = Annotated[str, QueryParameter(name="name", max_length=120, description="What you call the file")]
Place = Annotated[
    str, QueryParameter(name="place", min_length=1, max_length=120, description="At home, where a row names none")
]
DryRun = Annotated[bool, QueryParameter(name="dry_run", description="Judge the rows and enter none of them")]


class BatchView(msgspec.Struct, frozen=True):
    """``entered``: visits that came with it; null until it was read to its end."""

    id: UUID
    digest: str
    name: str
    form: str
    rows: int | None
    entered: int | None
    wrong: int | None
    sent_at: datetime
    undone_at: datetime | None
    undo_reason: str | None


class WrongRow(msgspec.Struct, frozen=True):
    """``row``: its line or row in the file."""

    row: int
    faults: list[RowFault]


class FileOutcome(msgspec.Struct, frozen=True):
    """``new`` visits (in a dry run: that would be), rows that stood before, and wrong ones, of which the first 1,000
    say why."""

    form: str
    rows: int
    new: int
    stood: int
    wrong: int
    wrong_rows: list[WrongRow]
    batch: BatchView | None


async def spooled(request: WebRequest) -> IO[bytes]:
    """The body as a file, never whole in memory. Whoever asks closes it."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it is closed by whoever asked
    async for chunk in request.stream():
        file.write(chunk)
    return file


class _SendsAFile(Operation):
    """The body is any of the three kinds, as it is."""

    def __post_init__(self) -> None:
        content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, content_encoding="binary"))
        self.request_body = RequestBody(content={"application/octet-stream": content}, required=True)


@post(
    "/providers/{provider_id:uuid}/visit-files",
    status_code=201,
    responses=refusals(WRITING),
    opt={"file": True},
    request_max_body_size=MAX_FILE,
    operation_class=_SendsAFile,
)
async def send_file(
    request: WebRequest,
    caller: TheCaller,
    provider_id: Id,
    name: Name = "",
    place: Place = "home",
    dry_run: DryRun = False,
) -> FileOutcome:
    """The right rows are entered, a thousand a transaction; the same file once more enters nothing new."""
    with await spooled(request) as file:
        desk = Desk(caller.site.database, caller.actor, caller.vault, provider_id, place)
        verb: Any = visit_upload.look if dry_run else visit_upload.enter
        options = {} if dry_run else {"name": name}
        return _outcome(await asyncio.to_thread(verb, desk, file, **options))


def _outcome(found: Outcome) -> FileOutcome:
    told = [_wrong(one) for one in found.told]
    batch = None if found.batch is None else shown(BatchView, found.batch)
    return FileOutcome(found.form, found.rows, found.right, found.stood, found.wrong, told, batch)


def _wrong(one: Judged) -> WrongRow:
    row = one.line.number
    return WrongRow(row, [RowFault(f"/rows/{row}/{column}", fault.detail, fault.code) for column, fault in one.faults])


@reads("/providers/{provider_id:uuid}/visit-files")
def list_files(caller: TheCaller, at: TheSlice, provider_id: Id) -> Listing[BatchView]:
    """The newest first."""

    def read(work: Work) -> list[Batch]:
        if provider_id not in work.actor.providers():
            raise ProviderNotFound
        return queries.batches(work, provider_id, after=at.after, limit=at.limit + 1)

    return at.listing(caller.read(read), lambda one: shown(BatchView, one), lambda one: one.id)


@reads("/visit-files/{batch_id:uuid}")
def get_file(caller: TheCaller, batch_id: Id) -> BatchView:
    return caller.read(lambda work: shown(BatchView, batches.batch_of(work, batch_id)))


@writes("/visit-files/{batch_id:uuid}/undoing")
def undo(caller: TheCaller, batch_id: Id, data: JSONBody[ReasonGiven]) -> BatchView:
    """Every visit of the file is cancelled, while no act has any of them."""
    return caller.do(
        lambda work: batches.undo(work, batch_id, reason=data.reason),
        lambda work: shown(BatchView, batches.batch_of(work, batch_id)),
    )


HANDLERS = [send_file, list_files, get_file, undo]
