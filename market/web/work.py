"""How a request reaches the use cases: in a bounded thread pool, as the actor who sent it, on this site's database."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

import msgspec
from litestar import MediaType, Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter
from litestar.response import Response

from contracts.kernel.errors import Malformed
from contracts.kernel.idempotency import MAX_KEY, Once, once
from contracts.kernel.runner import Database
from contracts.kernel.work import Actor, Work
from market.settings import Settings
from market.user.personal import Vault
from market.web.pictures.studio import Studio

S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T")
THREADS = 96  # use cases at once: a rush of 64 bookings waits for the database, not for a thread
CREATED = 201
REPLAYED = "Idempotent-Replayed"

WebRequest = Request[Actor, Any, State]


@dataclass(frozen=True, slots=True)
class Site:
    """What one running web server holds. ``webhook_secret`` None: no webhooks are taken."""

    settings: Settings
    database: Database
    vault: Vault
    webhook_secret: str | None
    studio: Studio


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and the way to the use cases for them."""

    site: Site
    actor: Actor

    @property
    def vault(self) -> Vault:
        return self.site.vault

    def read(self, fn: Callable[[Work], T]) -> T:
        return self.site.database.read(self.actor, fn)

    def write(self, fn: Callable[[Work], T]) -> T:
        return self.site.database.write(self.actor, fn)

    def do(self, verb: Callable[[Work], object], show: Callable[[Work], T]) -> T:
        """A verb, and what its object looks like after it, in one transaction."""

        def both(work: Work) -> T:
            verb(work)
            return show(work)

        return self.write(both)

    def write_once(self, request: Once, fn: Callable[[Work], S]) -> Response[S]:
        """The effect of ``fn`` at most once for the idempotency key; a replay gets the first answer again."""

        def keep(work: Work) -> dict[str, Any]:
            return {"json": msgspec.json.encode(fn(work)).decode()}  # as text: a database may reorder an object

        answer, replayed = self.write(lambda work: once(work, request, keep))
        return Response(
            cast("S", answer["json"].encode()),
            status_code=CREATED,
            media_type=MediaType.JSON,
            headers={REPLAYED: "true"} if replayed else None,
        )

    def do_once(self, request: Once, verb: Callable[[Work], object], show: Callable[[Work], S]) -> Response[S]:
        def both(work: Work) -> S:
            verb(work)
            return show(work)

        return self.write_once(request, both)


async def use_threads() -> None:
    """Every handler of this event loop runs in one bounded pool; the loop ends it."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="use-case")
    asyncio.get_running_loop().set_default_executor(pool)


def provide_caller(request: WebRequest) -> Caller:
    return Caller(request.app.state.site, request.user)


IdempotencyKey = Annotated[
    str,
    HeaderParameter(name="Idempotency-Key", min_length=1, max_length=MAX_KEY, description="Yours, new for each wish"),
]
IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", max_length=40, description="The ETag you read; refused if it is stale")
]


async def provide_once(request: WebRequest, idempotency_key: IdempotencyKey) -> Once:
    """The same request is the same path and the same bytes; the operation is the route, whatever the object."""
    operation = f"{request.method} {request.scope['path_template']}"
    return Once.of(operation, idempotency_key, request.scope["path"].encode() + b"\n" + await request.body())


def provide_version(if_match: IfMatch = None) -> int | None:
    """None: whatever stands is changed."""
    if if_match is None or if_match == "*":
        return None
    if not re.fullmatch(r'"[0-9]{1,15}"', if_match, re.ASCII):
        raise Malformed('An ETag of ours is a number in quotes, such as "3"', pointer="/If-Match")
    return int(if_match.strip('"'))


def tagged(view: S, version: int) -> Response[S]:
    """With the ETag that a later ``If-Match`` names."""
    return Response(view, headers={"ETag": f'"{version}"'})


Id = FromPath[UUID]
TheCaller = NamedDependency[Caller]
TheKey = NamedDependency[Once]
TheVersion = NamedDependency[int | None]
