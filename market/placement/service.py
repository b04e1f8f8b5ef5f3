"""The verbs of placement. A round over everyone is in ``round``, which loads the solver and is no part of a request."""

from market.placement.answering import accept, decline
from market.placement.choice import book, compare, shortlist
from market.placement.ending import end, end_all_of, end_of_day, lapse_overdue, withdraw_of_voucher
from market.placement.terminating import terminate
from market.placement.waiting import ask, set_wishes

__all__ = [
    "accept",
    "ask",
    "book",
    "compare",
    "decline",
    "end",
    "end_all_of",
    "end_of_day",
    "lapse_overdue",
    "set_wishes",
    "shortlist",
    "terminate",
    "withdraw_of_voucher",
]
