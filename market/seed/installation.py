"""An empty database becomes the nation."""

from collections.abc import Callable

import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.kernel.errors import Conflict
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.catalogue.rules import CareSetting
from market.placement.models import RequestRow
from market.provider.models import ProviderRow
from market.provider.rules import Sector
from market.seed.nation import PEOPLE
from market.seed.national import Size, load_nation
from market.seed.sign_in import SignIn, create_people
from market.settings import Settings
from market.user.models import UserRow
from market.user.personal import Vault

Progress = Callable[[str], None]
DEMO = "demo"  # what the trail of a demonstration's seed is about
FEWEST = 20  # people, however small the scale


class SeedInterrupted(Conflict):
    code = "seed-interrupted"
    title = "A seed was interrupted and left this database half filled; remove it and seed again"


class NotEmpty(Conflict):
    code = "database-not-empty"
    title = "This database is in use already; seed an empty one"


def is_empty(database: Database) -> bool:
    """Raises SeedInterrupted."""
    return database.read(SYSTEM, _is_empty)


def refuse_unless_empty(work: Work) -> None:
    if not _is_empty(work):
        raise NotEmpty


def _is_empty(work: Work) -> bool:
    verbs = {event.verb for event in audit.events_of(work, "seed", DEMO)}
    if "begun" in verbs and "finished" not in verbs:
        raise SeedInterrupted
    return work.scalar(sa.select(UserRow.id).limit(1)) is None


def seed_national(
    database: Database, settings: Settings, *, scale: float, seed: int, progress: Progress
) -> list[SignIn]:
    """The whole country in one transaction. Raises NotEmpty."""
    vault = Vault.of(settings)
    size = Size(max(FEWEST, round(PEOPLE * scale)), scale)

    def fill(work: Work) -> list[SignIn]:
        refuse_unless_empty(work)
        load_nation(work, vault, size=size, seed=seed, progress=progress)
        progress("people who sign in")
        ngo = work.scalar(
            sa.select(ProviderRow.id).where(ProviderRow.sector == Sector.NGO).order_by(ProviderRow.number).limit(1)
        )
        recipient = work.scalar(
            sa.select(RequestRow.recipient_id)
            .where(RequestRow.setting == CareSetting.HOME)
            .order_by(RequestRow.waiting_since, RequestRow.id)
            .limit(1)
        )
        people = create_people(work, provider_id=ngo, recipient_id=recipient)
        progress("committing")
        return people

    people = database.write(SYSTEM, fill)
    with database.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    progress("done")
    return people
