"""How often somebody may try, and whom a stranger's failures do not concern."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from contracts.kernel.database import table_of
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Work
from market.user import tries
from market.user.factors import TooManyRequests
from market.user.models import TryRow
from market.user.tries import PASSWORDS_FROM_ONE, PASSWORDS_HERE, PASSWORDS_OF_ONE, SWEPT_AT_ONCE, Try

HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"
_rows = table_of(TryRow)


def attempt(database: Database, login: str = "aigul", address: str = HOME) -> list[Try]:
    def count(work: Work) -> list[Try]:
        found = tries.password_tries(work, login=login, address=address)
        tries.count(work, found)
        return found

    return database.write(SYSTEM, count)


def exhaust(database: Database, login: str = "aigul", address: str = HOME) -> None:
    for _ in range(PASSWORDS_HERE.most):
        attempt(database, login, address)


def let_pass(database: Database, time: timedelta) -> None:
    """Windows follow the real clock: here their ends move, which is the same."""

    def move(work: Work) -> None:
        for row in work.rows(sa.select(_rows.c.limit_name, _rows.c.subject, _rows.c.ends_at)):
            mine = sa.and_(_rows.c.limit_name == row.limit_name, _rows.c.subject == row.subject)
            work.execute(sa.update(_rows).where(mine).values(ends_at=row.ends_at - time))

    database.write(SYSTEM, move)


def rows(database: Database) -> int:
    return int(database.read(SYSTEM, lambda work: work.scalar(sa.select(sa.func.count()).select_from(_rows))))


def test_after_the_last_try_the_next_is_refused_until_the_window_ends(database: Database) -> None:
    exhaust(database)
    for _ in range(3):
        with pytest.raises(TooManyRequests) as refused:
            attempt(database)
    wait = refused.value.members["retry_after"]
    assert isinstance(wait, int)
    assert 0 < wait <= PASSWORDS_HERE.window.total_seconds()
    let_pass(database, PASSWORDS_HERE.window - timedelta(seconds=60))
    with pytest.raises(TooManyRequests):
        attempt(database)
    let_pass(database, timedelta(seconds=60))
    attempt(database)


def test_a_refused_try_prolongs_nothing(database: Database) -> None:
    exhaust(database)

    def end(work: Work) -> object:
        return work.scalar(sa.select(sa.func.max(_rows.c.ends_at)).where(_rows.c.limit_name == PASSWORDS_HERE.name))

    before = database.read(SYSTEM, end)
    with pytest.raises(TooManyRequests):
        attempt(database)
    assert database.read(SYSTEM, end) == before


def test_limits_hold_over_several_processes(database: Database, database_url: str) -> None:
    """Two servers on one database, each with connections of its own, and a guesser who asks both at once."""
    other = open_database(database_url)

    def guess(number: int) -> bool:
        try:
            attempt((database, other)[number % 2])
        except TooManyRequests:
            return False
        return True

    try:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(guess, range(40)))
    finally:
        other.close()
    assert answers.count(True) == PASSWORDS_HERE.most


def test_who_succeeds_gives_the_try_back(database: Database) -> None:
    for _ in range(PASSWORDS_FROM_ONE.most + 1):
        counted = attempt(database)
        database.write(SYSTEM, lambda work, c=counted: tries.give_back(work, c))  # type: ignore[misc]
    exhaust(database)
    with pytest.raises(TooManyRequests):
        attempt(database)


def test_one_names_failures_are_not_anothers_and_no_other_addresss(database: Database) -> None:
    exhaust(database)
    attempt(database, "serik")
    attempt(database, "aigul", ELSEWHERE)


def test_a_name_that_is_tried_from_everywhere_is_slowed_down_but_not_where_its_owner_signed_in(
    database: Database,
) -> None:
    database.write(SYSTEM, lambda work: tries.remember_address(work, login="aigul", address=HOME))
    for number in range(PASSWORDS_OF_ONE.most):
        attempt(database, "aigul", f"203.0.113.{number}")
    with pytest.raises(TooManyRequests):
        attempt(database, "aigul", "203.0.113.200")
    for _ in range(3):
        attempt(database, "aigul", HOME)
    with pytest.raises(TooManyRequests):
        attempt(database, "aigul", "203.0.113.200")
    let_pass(database, PASSWORDS_OF_ONE.window)
    attempt(database, "aigul", "203.0.113.200")


def test_one_address_that_tries_many_names_is_stopped(database: Database) -> None:
    for number in range(PASSWORDS_FROM_ONE.most):
        attempt(database, f"person{number}")
    with pytest.raises(TooManyRequests):
        attempt(database, "one more")
    attempt(database, "one more", ELSEWHERE)


def test_finished_windows_are_swept_away(database: Database) -> None:
    for number in range(SWEPT_AT_ONCE):
        attempt(database, f"person{number}")
    before = rows(database)
    assert before == 2 * SWEPT_AT_ONCE + 1
    let_pass(database, timedelta(days=1))
    for _ in range(3):
        attempt(database)
    assert rows(database) == 3


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
        ("x" * 500, "x" * 64),
    ],
)
def test_neighbours_of_one_network_are_one_sender(address: str, sender: str) -> None:
    assert tries.neighbourhood(address) == sender
