from enum import StrEnum


class VersionStatus(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
