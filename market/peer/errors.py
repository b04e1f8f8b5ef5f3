"""Refusals, in Stripe's envelope: `{"error": {"type", "code", "message", "param"}}`."""

from typing import Any

type_of_status = {402: "card_error", 500: "api_error", 503: "api_error"}


class ApiError(Exception):
    """An answer other than 200, which undoes the request unless it `stands` (a declined card leaves its trace).

    `members` join the envelope: a declined payment carries its payment intent.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        stands: bool = False,
        **members: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.stands = stands
        named = {"type": type_of_status.get(status, "invalid_request_error"), "code": code, "param": param} | members
        self.body = {"error": {"message": message} | {name: value for name, value in named.items() if value}}


def no_such(what: str, identifier: str, *, param: str) -> ApiError:
    """404 when the address named it (`param="id"`), 400 when a parameter did."""
    return ApiError(
        404 if param == "id" else 400, f"No such {what}: '{identifier}'", code="resource_missing", param=param
    )


def balance_insufficient() -> ApiError:
    return ApiError(400, "You have insufficient available funds in your Stripe account.", code="balance_insufficient")
