"""What the matcher refuses, and why. Each error has a stable public `code` and knows nothing of HTTP."""


class MatchingError(Exception):
    """A refusal with a code, a sentence and its members."""

    code = "matching-refused"

    def __init__(self, detail: str, **members: str | int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class MalformedInstance(MatchingError):
    """`pointer` is the JSON pointer (RFC 6901) of the first fault; "" is the whole document."""

    code = "malformed-instance"

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or 'the document'}: {message}", pointer=pointer, message=message)
        self.pointer = pointer
        self.message = message

    def __reduce__(self) -> tuple[type["MalformedInstance"], tuple[str, str]]:
        return type(self), (self.pointer, self.message)


class MalformedResult(MalformedInstance):
    code = "malformed-result"


class NotSupported(MatchingError):
    """The policy does not cover this instance; the sentence says which other one does."""

    code = "not-supported"


class CostsOutOfRange(MatchingError):
    """Costs so large that 64-bit integers cannot carry the proof."""

    code = "costs-out-of-range"


class SolverFailed(MatchingError):
    """A worker died more often than is tolerated, or the solver broke its own contract."""

    code = "solver-failed"
