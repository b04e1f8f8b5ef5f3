"""Who goes where: an exact matcher on integers, with a proof that needs no solver to check."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.classes import Classes as Classes
    from matching.errors import CostsOutOfRange as CostsOutOfRange
    from matching.errors import MalformedInstance as MalformedInstance
    from matching.errors import MalformedResult as MalformedResult
    from matching.errors import MatchingError as MatchingError
    from matching.errors import NotSupported as NotSupported
    from matching.errors import SolverFailed as SolverFailed
    from matching.solve import ClassResult as ClassResult
    from matching.solve import solve_classes as solve_classes
    from matching.verify import Violation as Violation
    from matching.verify import verify_classes as verify_classes

# loaded on first use: the web reads instances and results, and must never load a solver
_HOMES = {
    "Classes": "classes",
    "CostsOutOfRange": "errors",
    "MalformedInstance": "errors",
    "MalformedResult": "errors",
    "MatchingError": "errors",
    "NotSupported": "errors",
    "SolverFailed": "errors",
    "ClassResult": "solve",
    "solve_classes": "solve",
    "Violation": "verify",
    "verify_classes": "verify",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'matching' has no attribute {name!r}")
    return getattr(import_module(f"matching.{_HOMES[name]}"), name)
