"""The demonstration's advance: agreed, asked for, approved by a colleague, arrived; an act has used some of it up."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from contracts.act import service as acts
from contracts.act.queries import acts_of_contract
from contracts.approval.rules import Verdict
from contracts.contract import queries as contracts
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment import advance_queries, advancing, progress
from contracts.payment import service as payments
from contracts.payment.gateway import Finding, SentTransfer
from contracts.payment.progress import Claim
from contracts.payment.rules import Fate, Patience
from market.user import service as users

SHARE = 30_00  # basis points
ROUND = 1_000_00  # a sum people would ask for: whole thousands of tenge
COLLEAGUE = "dina.seitova"  # approves what the finance officer orders
NEVER_LOOKED_AT = Patience(watches=0)  # the invented transfer is in no server's books


def pay_an_advance(database: Database, actors: Mapping[str, Actor], engagement_id: UUID, *, territory: str) -> None:
    def allow(work: Work) -> UUID:
        contract_id = contracts.engagement(work, engagement_id).contract_id
        day = work.today
        advancing.set_rule(
            work, territory=territory, most_bp=SHARE, from_on=day,
            source="көрсетілім үшін қойылған шек, расталмаған",
        )  # fmt: skip
        advancing.agree(work, contract_id, most_bp=SHARE, from_on=day, source="қосымша келісім № 1")
        return contract_id

    contract_id = database.write(actors[Role.BUDGET_OFFICER], allow)

    def ask(work: Work) -> UUID:
        allowed = advance_queries.allowance(work, contracts.contract(work, contract_id)).ceiling_minor
        amount = allowed // ROUND * ROUND or allowed
        return advancing.ask(work, contract_id, amount_minor=amount, purpose="екі велосипед және қысқы киім")

    advance_id = database.write(actors[Role.PROVIDER], ask)
    colleague = database.write(
        SYSTEM, lambda work: somebody(work, COLLEAGUE, Grant(Role.FINANCE_OFFICER, territory=territory))
    )
    database.write(colleague, lambda work: advancing.decide(work, advance_id, verdict=Verdict.APPROVED))
    database.write(actors[Role.FINANCE_OFFICER], lambda work: advancing.order(work, advance_id))
    _arrived(database)


def neighbours_of(database: Database, provider_id: UUID, recipient_id: UUID) -> dict[str, Actor]:
    """Who speaks for another organisation, and who is served there."""
    house = Grant(Role.PROVIDER, provider_id=provider_id)
    holder = Grant(Role.RECIPIENT, recipient_id=recipient_id)
    return {
        "provider": database.write(SYSTEM, lambda work: somebody(work, "gulnar.abenova", house)),
        "recipient": database.write(SYSTEM, lambda work: somebody(work, "mariyam.ospan", holder)),
    }


def somebody(work: Work, login: str, held: Grant) -> Actor:
    """Whom one click on the sign-in page lets in, and nothing else: the password is forgotten at once."""
    user_id = users.create_user(work, login=login, password=secrets.token_urlsafe(24))
    users.grant(
        work, user_id, role=held.role, provider_id=held.provider_id, recipient_id=held.recipient_id,
        territory=held.territory, from_on=work.today,
    )  # fmt: skip
    return Actor(user_id, login, (held,))


def use_some_of_it(database: Database, actors: Mapping[str, Actor], engagement_id: UUID) -> None:
    """The act that was handed in is accepted, and set off against the advance."""

    def accept(work: Work) -> UUID:
        contract_id = contracts.engagement(work, engagement_id).contract_id
        (act,) = acts_of_contract(work, contract_id, limit=2)
        acts.accept(work, act.id)
        return act.id

    act_id = database.write(actors[Role.BUDGET_OFFICER], accept)
    database.write(actors[Role.FINANCE_OFFICER], lambda work: payments.order_rest(work, act_id))


def _arrived(database: Database) -> None:
    """What a worker and a bank would have done."""
    (claim,) = database.write(SYSTEM, lambda work: progress.claim_to_send(work, limit=1, patience=NEVER_LOOKED_AT))
    database.write(SYSTEM, lambda work: _settle(work, claim))


def _settle(work: Work, claim: Claim) -> None:
    payment = claim.payment
    told = SentTransfer(f"tr_{payment.number}", payment.amount_minor, 0, payment.currency, None, str(payment.id))
    progress.sent(work, payment.id, told.id)
    finding = Finding(told, Fate.PAID, None, work.today + timedelta(days=1))
    progress.follow(work, claim, finding, patience=NEVER_LOOKED_AT, dice=0.0)
