"""The verbs of placement. A round over everyone is in ``round``, which loads the solver and is no part of a request."""

from market.placement.answering import accept, decline, end, lapse_overdue
from market.placement.choice import book, shortlist
from market.placement.waiting import ask, set_wishes

__all__ = ["accept", "ask", "book", "decline", "end", "lapse_overdue", "set_wishes", "shortlist"]
