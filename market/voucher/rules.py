from enum import StrEnum


class VoucherStatus(StrEnum):
    ISSUED = "issued"
    CLOSED = "closed"
    REVOKED = "revoked"
