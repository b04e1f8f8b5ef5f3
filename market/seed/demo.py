"""The demonstration: one region where everything is under way, on a clock that can travel.

Its story begins seven weeks ago: a woman books an NGO, is visited, and the NGO has handed in last month's act. Another
NGO was paid an advance, and last month's act has used some of it up. Everyone else waits for, or has, an answer of the
matching round.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.act import service as acts
from contracts.act.terms import set_copayment
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.contract import queries as contracts
from contracts.kernel.calendar import ALMATY
from contracts.kernel.clock import move_clock, real_clock, start_travelling
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment.batching import open_batch
from contracts.register import service as register
from market.authority import local_authority
from market.catalogue.rules import CareSetting, ServiceKind
from market.competition import service as competition
from market.competition.rules import NewLot, NewTender
from market.oversight.flagging import look_over
from market.placement import service as placement
from market.placement.models import PlacementRow, RequestRow
from market.placement.round import run_round
from market.placement.rules import PlacementStatus
from market.provider import service as providers
from market.provider.models import ProviderRow
from market.provider.rules import Sector
from market.seed.advance import neighbours_of, pay_an_advance, somebody, use_some_of_it
from market.seed.installation import DEMO, Progress, refuse_unless_empty
from market.seed.national import Size, load_nation
from market.seed.norms import PRICES, UNITS
from market.seed.sign_in import SignIn, create_people, remember
from market.settings import Settings
from market.user import queries as users
from market.user.personal import Vault

REGION = Size(people=300, network_scale=0.03, territory="350000000")  # Karaganda region
WEEKS_AGO = timedelta(days=50)  # reaches back beyond the first visit of any last month
VISITS = 8
FEWER_VISITS = 4  # at the neighbour's: less than the advance
SECOND = "serik.omarov"  # decides what the budget officer proposes
STORIES = 2  # the woman's, and one at a neighbour's who was paid an advance
OWN_PART = 1_500_00  # a month, what the woman pays of it herself
HOUR = timedelta(hours=1)


class NobodyInReach(AssertionError):
    """The invented region has no pair for the story: choose another seed."""


@dataclass(frozen=True, slots=True)
class Story:
    """The woman, her voucher and the NGO's offer that she chooses."""

    recipient_id: UUID
    voucher_id: UUID
    provider_id: UUID
    offer_id: UUID


def seed_demo(database: Database, settings: Settings, *, seed: int, progress: Progress) -> list[SignIn]:
    """Raises NotEmpty."""
    vault = Vault.of(settings)
    story, neighbour = database.write(SYSTEM, lambda work: _region(work, vault, seed, progress))
    progress("people who sign in")
    people = database.write(
        SYSTEM,
        lambda work: create_people(
            work, provider_id=story.provider_id, recipient_id=story.recipient_id, territory=REGION.territory
        ),
    )
    second = Grant(Role.BUDGET_OFFICER, territory=REGION.territory)
    database.write(SYSTEM, lambda work: somebody(work, SECOND, second))
    actors: dict[str, Actor] = {person.role: _actor(database, person.user) for person in people}
    progress("the story: a booking, seven weeks of visits, last month's act, a tender")
    engagement_id = _placed(database, actors, story)
    database.write(actors["budget-officer"], lambda work: _assessed(work, engagement_id))
    neighbours = neighbours_of(database, neighbour.provider_id, neighbour.recipient_id)
    other_id = _placed(database, neighbours, neighbour)
    pay_an_advance(database, actors | {"provider": neighbours["provider"]}, other_id, territory=REGION.territory)
    database.write(SYSTEM, lambda work: move_clock(work.connection, WEEKS_AGO))
    _served(database, actors, vault, story, engagement_id)
    _served(database, neighbours, vault, neighbour, other_id, visits=FEWER_VISITS)
    use_some_of_it(database, actors, other_id)
    database.write(actors["procurement-officer"], _tender)
    database.write(actors["finance-officer"], _batch)
    progress("a matching round for everyone who waits")
    run_round(database, territory=REGION.territory, workers=1)
    database.write(actors["recipient"], lambda work: _chooses_herself(work, story))
    look_over(database, settled=timedelta(0))  # nobody else writes here
    remember(settings, people)
    local_authority(settings.home, database.read(SYSTEM, lambda work: work.now))
    database.write(SYSTEM, lambda work: record(work, "seed", DEMO, "finished"))
    return people


def _region(work: Work, vault: Vault, seed: int, progress: Progress) -> tuple[Story, Story]:
    refuse_unless_empty(work)
    real = real_clock(work.connection)
    begin = real - WEEKS_AGO
    if begin.year != real.year:  # the story needs one budget year
        begin -= WEEKS_AGO
    start_travelling(work.connection, shown_at=begin)
    work.clock()
    record(work, "seed", DEMO, "begun")
    load_nation(work, vault, size=REGION, seed=seed, progress=progress)
    ngos = set(work.connection.scalars(sa.select(ProviderRow.id).where(ProviderRow.sector == Sector.NGO)))
    at_home = sa.select(RequestRow.voucher_id, RequestRow.recipient_id).where(
        RequestRow.setting == CareSetting.HOME, RequestRow.kind == ServiceKind.DOMESTIC
    )
    found: list[Story] = []
    for voucher_id, recipient_id in work.rows(at_home.order_by(RequestRow.waiting_since, RequestRow.id)):
        if any(story.recipient_id == recipient_id for story in found):
            continue
        for card in placement.shortlist(work, voucher_id):
            if card.provider_id in ngos and card.places:
                found.append(Story(recipient_id, voucher_id, card.provider_id, card.offer_id))
                ngos.remove(card.provider_id)
                break
        if len(found) == STORIES:
            return found[0], found[1]
    raise NobodyInReach


def _actor(database: Database, login: str) -> Actor:
    def find(work: Work) -> Actor:
        found = users.credentials(work, login)
        assert found is not None
        return users.actor_of_user(work, found.id)

    return database.read(SYSTEM, find)


def _placed(database: Database, actors: dict[str, Actor], story: Story) -> UUID:
    placement_id = database.write(
        actors["recipient"], lambda work: placement.book(work, story.voucher_id, story.offer_id)
    )
    return database.write(actors["provider"], lambda work: placement.accept(work, placement_id))


def _chooses_herself(work: Work, story: Story) -> None:
    """She declines what the round offers for a service that her NGO has too, so that there is something to choose,
    whatever the day's round gave her."""
    row = PlacementRow
    offered = sa.select(row.id, row.voucher_id).where(
        row.recipient_id == story.recipient_id, row.status == PlacementStatus.OFFERED
    )
    for placement_id, voucher_id in work.rows(offered.order_by(row.id)):
        houses = [card.provider_id for card in placement.shortlist(work, voucher_id)]
        if len(houses) > 1 and story.provider_id in houses:
            placement.decline(work, placement_id, reason="Өзім таңдағым келеді")
            return


def _assessed(work: Work, engagement_id: UUID) -> None:
    """From the month of the first visits on: the act that asks for it waits to be accepted."""
    month = Month.of(work.today)
    set_copayment(work, engagement_id, charge_minor=OWN_PART, from_month=month, source="зейнетақы анықтамасы № 12")


def _served(
    database: Database,
    actors: dict[str, Actor],
    vault: Vault,
    story: Story,
    engagement_id: UUID,
    *,
    visits: int = VISITS,
) -> None:
    """Visits of last month entered and confirmed, all but the last one; the act handed in."""

    def enter(work: Work) -> list[UUID]:
        last_day = Month.of(work.today).first_day - timedelta(days=1)
        worker_id = providers.add_staff(
            work, vault, story.provider_id, name="Әсем Қалиева", speciality="әлеуметтік қызметкер",
            from_on=last_day.replace(day=1),
        )  # fmt: skip
        return [_visit(work, engagement_id, worker_id, number, last_day) for number in range(visits)]

    entries = database.write(actors["provider"], enter)
    for entry_id in entries[:-1]:
        database.write(actors["recipient"], _use(register.confirm, entry_id))

    def hand_in(work: Work) -> None:
        month = Month.of(Month.of(work.today).first_day - timedelta(days=1))
        contract_id = contracts.engagement(work, engagement_id).contract_id
        acts.submit(work, acts.draft(work, contract_id, month=month))

    database.write(actors["provider"], hand_in)


def _use(verb: Callable[[Work, UUID], object], about: UUID) -> Callable[[Work], object]:
    return lambda work: verb(work, about)


def _visit(work: Work, engagement_id: UUID, worker_id: UUID, number: int, last_day: date) -> UUID:
    """One visit every other day, back from the last day of the month, at ten in the morning."""
    begun = datetime.combine(last_day - timedelta(days=2 * number), time(10), tzinfo=ALMATY).astimezone(UTC)
    return register.enter(
        work, engagement_id, client_id=f"visit-{number}", worker_id=worker_id, started_at=begun,
        ended_at=begun + HOUR, quantity=1, place="үйде",
    )  # fmt: skip


def _batch(work: Work) -> None:
    """For the acts that are accepted from now on."""
    open_batch(work, territory=REGION.territory, year=work.today.year)


def _tender(work: Work) -> None:
    """A lot of home care that NGOs can bid for in the next ten days, where the budget year still has room for it."""
    begin = work.today + timedelta(days=15)
    if begin.year != work.today.year:
        return
    line = budget.line_for(work, territory=REGION.territory, service_kind=ServiceKind.DOMESTIC, year=work.today.year)
    assert line is not None
    lot = NewLot(
        line_id=line.id, kind=ServiceKind.DOMESTIC, setting=CareSetting.HOME, unit=UNITS[CareSetting.HOME][0],
        units=5_000, ceiling_minor=PRICES[CareSetting.HOME][1],
        from_on=begin,
        until_on=date(work.today.year + 1, 1, 1),
    )  # fmt: skip
    deadline = work.now + timedelta(days=10)
    tender = NewTender("Қарағанды облысында үйде көмек көрсету", REGION.territory, deadline, (lot,))
    competition.publish(work, competition.create_tender(work, tender))
