from enum import StrEnum


class TenderStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    OPENED = "opened"
    EVALUATED = "evaluated"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    UNSUCCESSFUL = "unsuccessful"


class BidStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class AwardStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"
