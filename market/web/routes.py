"""How an operation of the API is declared: in the thread pool, with every refusal it can answer in the document."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec

from market.web.problems import PROBLEM_JSON, Problem

Declared = Callable[[Callable[..., Any]], HTTPRouteHandler]
READING = (400, 401, 403, 404, 405, 429, 500, 503)
WRITING = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503)
ANYBODY: list[dict[str, list[str]]] = [{}]


def refusals(statuses: Sequence[int]) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, description=HTTPStatus(status).phrase, media_type=PROBLEM_JSON
        )
        for status in statuses
    }


def reads(path: str, *, public: bool = False) -> Declared:
    return get(
        path,
        sync_to_thread=True,
        responses=refusals(READING),
        opt={"public": public},
        security=ANYBODY if public else None,
    )


def writes(path: str, *, public: bool = False, status: int = 201) -> Declared:
    """A verb. 201 with what came of it."""
    return post(
        path,
        sync_to_thread=True,
        status_code=status,
        responses=refusals(WRITING),
        opt={"public": public},
        security=ANYBODY if public else None,
    )


def removes(path: str) -> Declared:
    return delete(path, sync_to_thread=True, status_code=204, responses=refusals(WRITING))
