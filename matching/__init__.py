"""Who goes where: an exact matcher on integers, with a proof that needs no solver to check.

Names load on first use: the web reads instances and results and must never load a solver. Two doors share their names
with their modules: `from matching.solve import solve`, `from matching.verify import verify`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.arrays import Integers as Integers
    from matching.classes import Classes as Classes
    from matching.distribute import Engine as Engine
    from matching.errors import CostsOutOfRange as CostsOutOfRange
    from matching.errors import MalformedInstance as MalformedInstance
    from matching.errors import MalformedResult as MalformedResult
    from matching.errors import MatchingError as MatchingError
    from matching.errors import NotSupported as NotSupported
    from matching.errors import SolverFailed as SolverFailed
    from matching.explain import Explainer as Explainer
    from matching.explain import Explanation as Explanation
    from matching.explain import Why as Why
    from matching.explain import Worth as Worth
    from matching.instance import UNRANKED as UNRANKED
    from matching.instance import Instance as Instance
    from matching.outcome import ClassResult as ClassResult
    from matching.over_dask import Dask as Dask
    from matching.proof import Violation as Violation
    from matching.proof import verify_classes as verify_classes
    from matching.reading import parse_instance as parse_instance
    from matching.reading import read_instance as read_instance
    from matching.result import Certificate as Certificate
    from matching.result import Kind as Kind
    from matching.result import Policy as Policy
    from matching.result import Reason as Reason
    from matching.result import Result as Result
    from matching.result import Status as Status
    from matching.result import parse_result as parse_result
    from matching.result import result_document as result_document
    from matching.welfare import solve_classes as solve_classes
    from matching.writing import instance_document as instance_document
    from matching.writing import instance_sha256 as instance_sha256
    from matching.writing import write_instance as write_instance

_HOMES = {
    "Classes": "classes",
    "Integers": "arrays",
    "Engine": "distribute",
    "Dask": "over_dask",
    "CostsOutOfRange": "errors",
    "MalformedInstance": "errors",
    "MalformedResult": "errors",
    "MatchingError": "errors",
    "NotSupported": "errors",
    "SolverFailed": "errors",
    "Instance": "instance",
    "UNRANKED": "instance",
    "read_instance": "reading",
    "parse_instance": "reading",
    "write_instance": "writing",
    "instance_document": "writing",
    "instance_sha256": "writing",
    "Certificate": "result",
    "Kind": "result",
    "Policy": "result",
    "Reason": "result",
    "Result": "result",
    "Status": "result",
    "parse_result": "result",
    "result_document": "result",
    "ClassResult": "outcome",
    "solve_classes": "welfare",
    "Explainer": "explain",
    "Explanation": "explain",
    "Why": "explain",
    "Worth": "explain",
    "Violation": "proof",
    "verify_classes": "proof",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'matching' has no attribute {name!r}")
    return getattr(import_module(f"matching.{_HOMES[name]}"), name)
