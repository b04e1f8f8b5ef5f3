"""Where an act's money goes: to the account that was frozen in it, unless that turned out to take none."""

from dataclasses import replace

from contracts.act.rules import Act
from contracts.act.service import change
from contracts.audit.service import record
from contracts.kernel.work import Work
from contracts.payee import queries as payees
from contracts.payee.rules import VersionStatus
from contracts.payment import queries
from contracts.payment.rules import NOT_LIVE


def follow_account(work: Work, act: Act) -> Act:
    """The act, its row held, as it is ordered. A payment to its account came to nothing, and its payee has another one
    since, which took two people and their waiting time: it goes there. Else nobody could ever be paid for it."""
    assert act.payee_version_id is not None, "acceptance freezes it"
    frozen = payees.version(work, act.payee_version_id)
    if frozen.status is VersionStatus.ACTIVE:
        return act
    tried = [one for one in queries.payments_of_act(work, act.id) if one.payee_version_id == frozen.id]
    active = payees.active_version(work, frozen.payee_id)
    if active is None or not any(one.status in NOT_LIVE for one in tried):
        return act
    change(work, act, payee_version_id=active.id)
    record(work, "act", act.id, "account-followed")
    return replace(act, payee_version_id=active.id, version=act.version + 1)
