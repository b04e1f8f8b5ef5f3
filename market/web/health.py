"""``/health`` answers when the database is there and its schema is the one this program was written for."""

import msgspec
from alembic.script import ScriptDirectory
from litestar import get

from contracts.kernel.errors import Unavailable
from contracts.kernel.work import NOBODY
from market.migrate import configuration
from market.web.queries import schema_version
from market.web.work import Site, WebRequest


class SchemaNotReady(Unavailable):
    code = "schema-not-ready"
    title = "The database schema is not the one this release needs; run 'market migrate'"


class Health(msgspec.Struct, frozen=True):
    status: str
    schema: str


def newest_schema(url: str) -> str:
    head = ScriptDirectory.from_config(configuration(url)).get_current_head()
    assert head is not None, "the release has migrations"
    return head


def check_ready(site: Site, head: str) -> Health:
    """Raises SchemaNotReady, DatabaseUnavailable."""
    version = site.database.read(NOBODY, schema_version)
    if version != head:
        raise SchemaNotReady(found=version, needed=head)
    return Health("ready", head)


@get("/health", sync_to_thread=True, include_in_schema=False)
def health(request: WebRequest) -> Health:
    return check_ready(request.app.state.site, request.app.state.schema)
