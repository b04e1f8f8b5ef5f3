from enum import StrEnum


class EntryStatus(StrEnum):
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"  # by a counter-entry
