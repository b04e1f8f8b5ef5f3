"""How often somebody may try: counters in the database, so that they hold over all web processes at once.

A window opens with its first try and ends on time whatever is tried in between: a refused try is not counted and
prolongs nothing. Only failures count in the end, because who succeeds gives the try back. Windows follow the real
clock; a demonstration's may run a day in an hour. Counters are bookkeeping: they are written without an event.

No stranger shuts an honest person out. Who fails too often is stopped where they are (a name from one address). A name
that is tried from everywhere is slowed down, but not for an address from which its owner signed in before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.work import Work
from market.user.factor_queries import is_familiar
from market.user.factors import TooManyRequests
from market.user.models import TryRow

SWEPT_AT_ONCE = 20  # finished windows removed with each try, which opens three at most: the table cannot grow for good
MAX_ADDRESS = 64
NEIGHBOURS = 64  # bits: one household or office has all addresses below them (RFC 6177)
_tries = table_of(TryRow)


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    most: int
    window: timedelta


PASSWORDS_HERE = Limit("password-login-address", 5, timedelta(minutes=10))  # a person mistypes twice or thrice
PASSWORDS_OF_ONE = Limit("password-login", 20, timedelta(minutes=10))  # from unfamiliar addresses together
PASSWORDS_FROM_ONE = Limit("password-address", 60, timedelta(minutes=10))  # a service centre is one address
CODES_HERE = Limit("code-login-address", 5, timedelta(minutes=10))
CODES_OF_ONE = Limit("code-login", 10, timedelta(hours=1))  # 3 codes of a million count at a time: 0.07 % a day
CHALLENGES_FROM_ONE = Limit("challenge-address", 60, timedelta(minutes=10))
FAMILIAR = Limit("familiar-address", 1, timedelta(days=90))  # one season: the next visit of somebody who comes rarely


@dataclass(frozen=True, slots=True)
class Try:
    limit: Limit
    subject: str


def password_tries(work: Work, *, login: str, address: str) -> list[Try]:
    """Widest first: everybody locks the rows in one order."""
    return [
        Try(PASSWORDS_FROM_ONE, _hash(address)),
        *_at_a_name(work, PASSWORDS_OF_ONE, PASSWORDS_HERE, login, address),
    ]


def code_tries(work: Work, *, login: str, address: str) -> list[Try]:
    return _at_a_name(work, CODES_OF_ONE, CODES_HERE, login, address)


def challenge_tries(address: str) -> list[Try]:
    return [Try(CHALLENGES_FROM_ONE, _hash(address))]


def _at_a_name(work: Work, of_one: Limit, here: Limit, login: str, address: str) -> list[Try]:
    name, both = _hash(login), _hash(login, address)
    known = is_familiar(work, FAMILIAR.name, both, real_clock(work.connection))
    return [Try(here, both)] if known else [Try(of_one, name), Try(here, both)]


def count(work: Work, tries: Sequence[Try]) -> None:
    """One more try in each window; to be committed before the try itself is judged, so that of a hundred at once no
    more are judged than the limit allows. Raises TooManyRequests, and then counts none of them."""
    now = real_clock(work.connection)
    for one in tries:
        number, ends_at = _add(work, one, now)
        if number > one.limit.most:
            seconds = max(1, ceil((ends_at - now).total_seconds()))
            raise TooManyRequests(f"Too many tries; wait {ceil(seconds / 60)} min", retry_after=seconds)
    _sweep(work, now)


def give_back(work: Work, tries: Sequence[Try]) -> None:
    """The try was right: it does not count."""
    for one in tries:
        mine = sa.and_(_tries.c.limit_name == one.limit.name, _tries.c.subject == one.subject, _tries.c.tries > 0)
        work.execute(sa.update(_tries).where(mine).values(tries=_tries.c.tries - 1))


def remember_address(work: Work, *, login: str, address: str) -> None:
    """Whoever signed in here wholly is slowed down by nobody's failures elsewhere."""
    _put(work, Try(FAMILIAR, _hash(login, address)), real_clock(work.connection), again=True)


def _add(work: Work, one: Try, now: datetime) -> tuple[int, datetime]:
    return _put(work, one, now, again=False)


def _put(work: Work, one: Try, now: datetime, *, again: bool) -> tuple[int, datetime]:
    """Count in the open window, or open one (with ``again`` always). How many tries there are, and its end."""
    insert = (sqlite.insert if work.connection.dialect.name == "sqlite" else postgresql.insert)(_tries)
    over = sa.or_(_tries.c.ends_at <= now, sa.literal(again))
    statement = insert.values(
        limit_name=one.limit.name, subject=one.subject, tries=1, ends_at=now + one.limit.window
    ).on_conflict_do_update(
        index_elements=[_tries.c.limit_name, _tries.c.subject],
        set_={
            "tries": sa.case((over, 1), else_=_tries.c.tries + 1),
            "ends_at": sa.case((over, insert.excluded.ends_at), else_=_tries.c.ends_at),
        },
    )
    row = work.execute(statement.returning(_tries.c.tries, _tries.c.ends_at)).one()
    return int(row.tries), row.ends_at


def _sweep(work: Work, now: datetime) -> None:
    """Last in the transaction, and past rows that others hold: it never waits while it holds something."""
    done = (
        sa.select(_tries.c.limit_name, _tries.c.subject)
        .where(_tries.c.ends_at <= now)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    work.execute(sa.delete(_tries).where(sa.tuple_(_tries.c.limit_name, _tries.c.subject).in_(done)))


def neighbourhood(address: str) -> str:
    """Who can send from one IPv6 address can send from all of its network: they are one sender."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:MAX_ADDRESS]
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None:
        return str(ip_network((ip, NEIGHBOURS), strict=False))
    return str(ip.ipv4_mapped if isinstance(ip, IPv6Address) else ip)


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
