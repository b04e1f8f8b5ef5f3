"""Coming in: each proof in its order, each step in a transaction of its own, for pages and the API alike.

A try is counted and committed before it is judged; the slow check of a password reads only; what is written after it is
short. So neither a rush of sign-ins nor a guesser holds up the one writer of SQLite, and limits hold over processes.
"""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from uuid import UUID

from contracts.kernel.clock import is_travelling
from contracts.kernel.errors import NotSignedIn
from contracts.kernel.work import NOBODY, SYSTEM, Work
from market.user import factor_queries, passkeys, queries, second_factor, service, signing, tries
from market.user.factors import (
    ChallengePurpose,
    FreshPassword,
    HalfSession,
    Means,
    PasskeyRefused,
    PasskeysNotHere,
    SecondFactorNeeded,
    TooManyRequests,
)
from market.user.passkeys import Host
from market.user.rules import Session
from market.user.tries import Try
from market.web.auth import DemoOnly
from market.web.device import device_of
from market.web.work import Caller, Site, WebRequest

MAX_LOGIN = 120
PATIENCE_SECONDS = 5.0
_NAMED_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]{1,253})(:[0-9]{1,5})?", re.ASCII)
_checking = threading.BoundedSemaphore(
    4
)  # password checks at once: each takes a core and 64 MiB for a fifth of a second


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where somebody stands: the network they send from, and what they sit at in a few words."""

    address: str
    device: str


def visitor_of(request: WebRequest) -> Visitor:
    address = request.client.host if request.client else ""
    return Visitor(tries.neighbourhood(address), device_of(request.headers.get("user-agent", "")))


# --- the first step -------------------------------------------------------------------------------------------------
def prove_password(site: Site, visitor: Visitor, *, login: str, password: str) -> UUID:
    """Whose password this is. Raises WrongCredentials, as late for an unknown name as for a known one;
    TooManyRequests, also for the right one, until the window ends."""
    name = login.strip().lower()[:MAX_LOGIN]
    counted = _count(site, lambda work: tries.password_tries(work, login=name, address=visitor.address))
    with _one_of_few():
        user_id = site.database.read(NOBODY, lambda work: service.check_password(work, login=name, password=password))
    site.database.write(SYSTEM, lambda work: tries.give_back(work, counted))
    return user_id


def come_in(site: Site, visitor: Visitor, user_id: UUID) -> Session | HalfSession:
    """A session for who has just proved the password; half of one for who has a second factor."""

    def enter(work: Work) -> Session | HalfSession:
        if factor_queries.ways(work, user_id).any:
            return signing.begin_second_step(work, user_id)
        return _open(work, visitor, user_id, Means.PASSWORD)

    return site.database.write(SYSTEM, enter)


def come_in_at_once(site: Site, visitor: Visitor, *, login: str, password: str, code: str | None) -> Session:
    """Both steps in one request, for programs. Raises WrongCredentials, SecondFactorNeeded, WrongCode."""
    user_id = prove_password(site, visitor, login=login, password=password)
    counted = _count_code(site, visitor, user_id) if code else []

    def enter(work: Work) -> Session:
        if not factor_queries.ways(work, user_id).any:
            return _open(work, visitor, user_id, Means.PASSWORD)
        if not code:
            raise SecondFactorNeeded(pointer="/code", rule="second-factor")
        work.actor = queries.actor_of_user(work, user_id)
        means = second_factor.take_code(work, site.vault, user_id, code=code)
        tries.give_back(work, counted)
        return _open(work, visitor, user_id, means)

    return site.database.write(SYSTEM, enter)


# --- the second step ------------------------------------------------------------------------------------------------
def half_in(site: Site, token: str) -> UUID:
    """Who owes the second step. Raises SecondStepExpired."""
    return site.database.read(NOBODY, lambda work: signing.half_in(work, token))


def finish_with_code(site: Site, visitor: Visitor, token: str, *, code: str) -> Session:
    """Raises SecondStepExpired, WrongCode, TooManyRequests."""
    user_id = half_in(site, token)
    counted = _count_code(site, visitor, user_id)

    def enter(work: Work) -> Session:
        work.actor = queries.actor_of_user(work, user_id)
        means = second_factor.take_code(work, site.vault, user_id, code=code)
        tries.give_back(work, counted)
        session = signing.finish_second_step(work, token, means=means, device=visitor.device)
        tries.remember_address(work, login=work.actor.name, address=visitor.address)
        return session

    return site.database.write(SYSTEM, enter)


def _count_code(site: Site, visitor: Visitor, user_id: UUID) -> Sequence[Try]:
    def tries_of(work: Work) -> list[Try]:
        return tries.code_tries(work, login=queries.user(work, user_id).login, address=visitor.address)

    return _count(site, tries_of)


# --- passkeys -------------------------------------------------------------------------------------------------------
def host_of(request: WebRequest) -> Host:
    """The request's own host and origin, and no other. Raises PasskeysNotHere: a browser gives passkeys to a name
    over https only, or to ``localhost``."""
    header, scheme = request.headers.get("host", ""), request.scope["scheme"]
    found = _NAMED_HOST.fullmatch(header)
    name = found["name"].lower() if found else ""
    if not name or _is_address(name) or not (scheme == "https" or name == "localhost"):
        raise PasskeysNotHere(rule="secure-name")
    return Host(name, f"{scheme}://{header}")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def ask_for_passkey(site: Site, visitor: Visitor, host: Host, user_id: UUID | None = None) -> str:
    """Options for the browser as JSON: for the second step of ``user_id``, or for whoever sits there."""
    _count(site, lambda _work: tries.challenge_tries(visitor.address))
    return site.database.write(SYSTEM, lambda work: passkeys.ask_to_sign(work, host, user_id))


def come_in_by_passkey(site: Site, visitor: Visitor, host: Host, *, answer: str) -> Session:
    """A passkey is had and is opened by its owner: two factors in one. Raises PasskeyRefused."""
    taken = site.database.write(
        SYSTEM, lambda work: passkeys.take_challenge(work, host, ChallengePurpose.SIGNING_IN, answer)
    )

    def enter(work: Work) -> Session:
        user_id = passkeys.check(work, host, taken, answer=answer)
        tries.give_back(work, tries.challenge_tries(visitor.address))
        return _open(work, visitor, user_id, Means.PASSKEY)

    return site.database.write(SYSTEM, enter)


def finish_with_passkey(site: Site, visitor: Visitor, token: str, host: Host, *, answer: str) -> Session:
    """Raises SecondStepExpired, PasskeyRefused."""
    user_id = half_in(site, token)
    taken = site.database.write(
        SYSTEM, lambda work: passkeys.take_challenge(work, host, ChallengePurpose.SECOND_STEP, answer)
    )

    def enter(work: Work) -> Session:
        signer = passkeys.check(work, host, taken, answer=answer)
        assert signer == user_id, "a challenge of the second step is one user's"
        session = signing.finish_second_step(work, token, means=Means.SECOND_PASSKEY, device=visitor.device)
        tries.give_back(work, tries.challenge_tries(visitor.address))
        tries.remember_address(work, login=work.actor.name, address=visitor.address)
        return session

    if taken.user_id != user_id:
        raise PasskeyRefused(rule="own-challenge")
    return site.database.write(SYSTEM, enter)


# --- once more, and by one click ------------------------------------------------------------------------------------
def prove_own_password(caller: Caller, visitor: Visitor, password: str, *, pointer: str = "/password") -> FreshPassword:
    """Asked of somebody who is signed in before what a thief of a session would do. Counted as at the door. Raises
    WrongPassword, TooManyRequests."""
    site, name = caller.site, caller.actor.name
    counted = _count(site, lambda work: tries.password_tries(work, login=name, address=visitor.address))
    with _one_of_few():
        proof = caller.read(lambda work: signing.check_own_password(work, password=password, pointer=pointer))
    site.database.write(SYSTEM, lambda work: tries.give_back(work, counted))
    return proof


def come_in_for_the_demo(site: Site, visitor: Visitor, login: str) -> Session:
    """Anybody as anybody: only ever where the database's clock is a demonstration's. Raises DemoOnly."""

    def enter(work: Work) -> Session:
        if not is_travelling(work.connection):
            raise DemoOnly
        found = queries.credentials(work, login[:MAX_LOGIN])
        if found is None:
            raise NotSignedIn
        work.actor = queries.actor_of_user(work, found.id)
        return service.open_session(work, found.id, means=Means.DEMONSTRATION, device=visitor.device)

    return site.database.write(SYSTEM, enter)


def _open(work: Work, visitor: Visitor, user_id: UUID, means: Means) -> Session:
    work.actor = queries.actor_of_user(work, user_id)
    tries.remember_address(work, login=work.actor.name, address=visitor.address)
    return service.open_session(work, user_id, means=means, device=visitor.device)


def _count(site: Site, tries_of: Callable[[Work], list[Try]]) -> Sequence[Try]:
    def count(work: Work) -> list[Try]:
        found = tries_of(work)
        tries.count(work, found)
        return found

    return site.database.write(SYSTEM, count)


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _checking.acquire(timeout=PATIENCE_SECONDS):
        raise TooManyRequests("Too many people are signing in; try again in a moment")
    try:
        yield
    finally:
        _checking.release()
