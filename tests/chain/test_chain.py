"""Steps in any order over the whole chain, on both databases: no refusal, no sum and no status that the oracle did not
foretell, and every sentence of ``market check`` holds."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.kernel.errors import DomainError
from tests.chain.beforehand import Beforehand
from tests.chain.faults import DATABASE, FAULTS, IN_CI, NOBODY, ORACLE, Fault
from tests.chain.stories import STORIES
from tests.chain.world import World, on_postgresql, on_sqlite
from tests.conftest import _administer

STEPS = int(os.environ.get("MARKET_STEPS", "100000"))
SHORT = 180
STORY = 60  # steps of one story: most of a year
SHELF = 3_000  # steps after which a long run says how far it is


@pytest.fixture(scope="module")
def sqlite_world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    built = on_sqlite(sqlite_template, tmp_path_factory.mktemp("chain"))
    yield built
    built.database.close()


@pytest.fixture(scope="module")
def postgresql_world(postgresql_server: sa.URL, postgresql_template: sa.URL) -> Iterator[World]:
    built = on_postgresql(postgresql_server, postgresql_template, _administer)
    yield built
    built.database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def world(request: pytest.FixtureRequest) -> World:
    built: World = request.getfixturevalue(f"{request.param}_world")
    return built


def machine_of(world: World) -> type[Beforehand]:
    return type("Story", (Beforehand,), {"world": world, "steps": 0, "calls": 0})


def tell(machine: type[Beforehand], steps: int, *, shrink: bool = False, always_the_same: bool = False) -> None:
    """Stories of so many steps in all; ``shrink``: the first that goes wrong is told again as short as it can be."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call] # the library's own
        machine,
        settings=settings(
            max_examples=-(-steps // STORY),
            stateful_step_count=min(STORY, steps),
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            derandomize=always_the_same,
        ),
    )


def test_whatever_people_do_the_books_agree_with_the_oracle(world: World) -> None:
    tell(machine_of(world), SHORT, always_the_same=True)  # new stories are told in the long run


@pytest.mark.soak
def test_a_hundred_thousand_steps(world: World) -> None:
    machine = machine_of(world)
    while machine.steps < STEPS:  # stories end early
        tell(machine, min(STEPS - machine.steps, SHELF), shrink=True)
        print(json.dumps({"steps": machine.steps, "calls": machine.calls}), file=sys.__stderr__, flush=True)


def seen_by(telling: Callable[[], None]) -> str:
    """Who saw that something was wrong."""
    try:
        telling()
    except (AssertionError, DomainError) as found:  # the latter: of the worker, whom nobody refuses anything
        print(str(found)[:200])
        return ORACLE
    except sa.exc.IntegrityError as refused:
        print(f"the database: {str(refused.orig)[:200]}")
        return DATABASE
    return NOBODY


def named(name: str) -> Fault:
    (fault,) = (one for one in FAULTS if one.name == name)
    return fault


def found_in(fault: Fault, world: World, patch: pytest.MonkeyPatch) -> tuple[str, int]:
    """Who saw it, and after how many steps."""
    fault.plant(patch)
    machine = machine_of(world)
    who = seen_by(lambda: tell(machine, fault.within, always_the_same=True))
    print(f"{fault.name}: after {machine.steps} steps")
    return who, machine.steps


@pytest.mark.parametrize("name", IN_CI)
def test_a_planted_bug_is_found(name: str, sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = named(name)
    who, _ = found_in(fault, sqlite_world, monkeypatch)
    assert who in fault.seen_by


@pytest.mark.parametrize("name", STORIES)
def test_a_story_comes_to_its_planted_bug(name: str, sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def telling() -> None:
        STORIES[name].tell(machine_of(sqlite_world)())

    telling()  # nothing is wrong yet
    fault = named(name)
    fault.plant(monkeypatch)
    assert seen_by(telling) in fault.seen_by


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_every_planted_bug_is_found(fault: Fault, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    who, steps = found_in(fault, world, monkeypatch)
    assert who in fault.seen_by, steps
    assert steps <= fault.within
