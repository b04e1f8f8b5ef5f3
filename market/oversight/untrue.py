"""Taking money back because of a confirmed flag."""

from uuid import UUID

from contracts.act.take_back import TakeBackCode
from contracts.collection import taking_back
from contracts.kernel.errors import RuleBroken
from contracts.kernel.work import Work
from market.oversight import flags
from market.oversight.suspicion import FlagStatus


class FlagNotConfirmed(RuleBroken):
    code = "take-back-flag"
    title = "The flag named is not of this visit, or nobody confirmed it"


def propose(work: Work, about_id: UUID, *, code: TakeBackCode, note: str, flag_id: UUID | None) -> None:
    """As :func:`contracts.collection.taking_back.propose`; and FlagNotConfirmed."""
    taking_back.propose(work, about_id, code=code, note=note, flag_id=flag_id)  # who may not know of it learns nothing
    if flag_id is not None:
        flag = flags.flag(work, flag_id, lock=True)
        if flag is None or flag.entry_id != about_id or flag.status is not FlagStatus.CONFIRMED:
            raise FlagNotConfirmed(pointer="/flag_id", rule="confirmed-flag")
