"""Advances: money that an organisation has before it serves, set off against its next acts until it is used up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.contract.rules import Contract, ContractNotActive, ContractStatus
from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle
from contracts.kernel.money import MAX_MINOR, decimal_string

BASIS_POINTS = 10_000  # the whole
LONGEST_PURPOSE = 500
LEAST_APPROVERS = 1  # nobody has accepted an act before it: of every advance somebody beside the orderer approves


class AdvanceStatus(StrEnum):
    ASKED = "asked"
    WITHDRAWN = "withdrawn"  # by who asked
    REFUSED = "refused"
    ORDERED = "ordered"  # its payment tells the rest; what is still owed of it stands on the payment's recovery account
    UNPAID = "unpaid"  # its payment failed, or was given up: nothing is owed


S = AdvanceStatus
ADVANCE = Lifecycle[AdvanceStatus](
    "advance",
    {
        "withdrawn": (frozenset({S.ASKED}), S.WITHDRAWN),
        "refused": (frozenset({S.ASKED}), S.REFUSED),
        "ordered": (frozenset({S.ASKED}), S.ORDERED),
        "unpaid": (frozenset({S.ORDERED}), S.UNPAID),
    },
)


class AdvanceNotFound(NotFound):
    code = "advance-not-found"
    title = "There is no such advance"


class AdvanceNotAgreed(RuleBroken):
    code = "advance-not-agreed"
    title = "The contract, or the rule in force, allows no advance"


class AdvanceAboveLimit(RuleBroken):
    code = "advance-above-limit"
    title = "The advance is more than the contract allows"


class AdvanceOpen(Conflict):
    code = "advance-open"
    title = "An advance of this contract is not used up yet"


class AdvanceAccountChanged(WrongState):
    code = "advance-account-changed"
    title = "The organisation has another account since it asked: it withdraws this advance and asks anew"


class AdvanceDecided(WrongState):
    code = "advance-decided"
    title = "This advance was decided on before"


class MoreThanAdvanced(RuleBroken):
    code = "more-than-advanced"
    title = "More came back than this advance was: decide what it is, and say why"


class AdvanceShareWrong(RuleBroken):
    code = "advance-share"
    title = "A share of an advance is 0 to 100 %, from today or a later day"


class AdvanceShareTaken(Conflict):
    code = "advance-share-taken"
    title = "A share was set for that day already"


@dataclass(frozen=True, slots=True)
class Advance:
    """``amount_minor`` of a contract's money to come. When it was ordered: ``base_minor`` was what its engagements
    still held, ``share_bp`` the share of it that contract and rule allowed, ``ceiling_minor`` what that comes to.
    ``account_id``: the money that is ordered and has not arrived."""

    id: UUID
    number: str
    contract_id: UUID
    provider_id: UUID
    territory: str
    line_id: UUID
    payee_version_id: UUID
    account_id: UUID
    amount_minor: int
    purpose: str
    status: AdvanceStatus
    asked_by: UUID
    asked_at: datetime
    base_minor: int | None
    share_bp: int | None
    ceiling_minor: int | None
    closed_by: UUID | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AdvanceRule:
    """In a territory (a prefix) at most so much of what a contract still has to give may be advanced."""

    id: UUID
    territory: str
    most_bp: int
    from_on: date
    source: str


@dataclass(frozen=True, slots=True)
class AdvanceTerm:
    """What a contract says of advances from that day on."""

    id: UUID
    contract_id: UUID
    most_bp: int
    from_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be advanced now: ``share_bp`` of ``base_minor``. ``agreed_bp``: what the contract says, ``rule_bp``
    what the strictest rule does; None: nobody said anything, and that allows nothing. Nor does a contract that does not
    run."""

    base_minor: int
    agreed_bp: int | None
    rule_bp: int | None
    is_running: bool = True

    @property
    def share_bp(self) -> int:
        return min(self.agreed_bp or 0, self.rule_bp or 0)

    @property
    def ceiling_minor(self) -> int:
        """Whole tiyn, rounded down: a limit is never exceeded by rounding."""
        return self.base_minor * self.share_bp // BASIS_POINTS if self.is_running else 0


@dataclass(frozen=True, slots=True)
class Use:
    """What became of an advance: still owed, set off against acts, and the rest given back."""

    owed_minor: int
    set_off_minor: int


def strictest(rules: Sequence[AdvanceRule]) -> int | None:
    """Of the latest of each territory: no office allows more than the country."""
    return min((one.most_bp for one in rules), default=None)


def is_running(contract: Contract, today: date) -> bool:
    return contract.status is ContractStatus.ACTIVE and contract.from_on <= today < contract.until_on


def check_running(contract: Contract, today: date) -> None:
    """Raises ContractNotActive, also before its first and after its last day."""
    if contract.status is not ContractStatus.ACTIVE:
        raise ContractNotActive(f"The contract is {contract.status}", rule="contract-active", status=contract.status)
    if not is_running(contract, today):
        raise ContractNotActive(
            f"It runs from {contract.from_on} and ends before {contract.until_on}", rule="contract-running"
        )


def check_positive(amount_minor: int) -> None:
    """Raises Malformed."""
    if amount_minor <= 0:
        raise Malformed("An advance is a positive amount", pointer="/amount", rule="positive-amount")


def check_within(amount_minor: int, allowed: Allowance, **where: str) -> None:
    """``where``: of who names the amount, the place of it. Raises AdvanceNotAgreed, AdvanceAboveLimit."""
    if not allowed.share_bp:
        raise AdvanceNotAgreed(rule="advance-agreed")
    if amount_minor > allowed.ceiling_minor:
        raise AdvanceAboveLimit(
            f"At most {decimal_string(allowed.ceiling_minor)} is allowed now", rule="advance-limit",
            most=decimal_string(allowed.ceiling_minor), **where,
        )  # fmt: skip


def check_share(share_bp: int, from_on: date, today: date) -> None:
    if not 0 <= share_bp <= BASIS_POINTS:
        raise AdvanceShareWrong(pointer="/share", rule="a-share")
    if from_on < today:
        raise AdvanceShareWrong(pointer="/from_on", rule="not-in-the-past")


assert MAX_MINOR * BASIS_POINTS > 2**63, "so a share is never taken in SQL by multiplying first"
