"""What happens to second factors is in the trail: the tables once more, from the trail alone."""

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.oversight.replay import replay_everything
from market.tables import METADATA
from market.user import factor_queries, passkeys, second_factor, signing
from market.user.factors import Demand, Means
from tests.user.device import Device
from tests.user.people import ADMINISTRATOR, OTHER_ADMINISTRATOR, somebody
from tests.user.proofs import VAULT, app, fresh, next_code, person
from tests.user.test_passkeys import HERE, add, ask, enter


def test_second_factors_used_removed_and_reset_replay_exactly(database: Database) -> None:
    aigul, serik, phone = somebody(database), somebody(database, "serik"), Device(HERE.origin)
    _first, codes = app(database, aigul)
    secret, _none = app(database, aigul)
    for code in (next_code(secret), codes[0]):
        database.write(SYSTEM, lambda work, c=code: second_factor.take_code(work, VAULT, aigul, code=c))  # type: ignore[misc]
    add(database, aigul, phone)
    assert enter(database, phone.get(ask(database))) == aigul
    half = database.write(SYSTEM, lambda work: signing.begin_second_step(work, aigul)).token
    database.write(SYSTEM, lambda work: signing.finish_second_step(work, half, means=Means.CODE, device="Chrome"))
    (stored,) = database.read(SYSTEM, lambda work: factor_queries.passkeys(work, aigul))
    proof, who = fresh(database, aigul), person(database, aigul)
    database.write(who, lambda work: passkeys.remove(work, proof, stored.id))
    add(database, serik, Device(HERE.origin))
    database.write(OTHER_ADMINISTRATOR, lambda work: second_factor.reset(work, serik))
    database.write(
        ADMINISTRATOR,
        lambda work: second_factor.set_rule(work, demand=Demand.REQUIRED, from_on=work.today, source="order 12"),
    )
    result = database.read(SYSTEM, lambda work: replay_everything(work, METADATA))
    assert result.differences == []
    assert result.rows > 25
