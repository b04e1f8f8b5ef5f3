"""Machine code for the few loops that arrays cannot express. It is made once and kept in the user's cache folder.

Where nothing can be kept (a read-only home) every process makes it anew; with `NUMBA_DISABLE_JIT` the same functions
run as plain Python. The answers are the same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from numba import config, njit

Function = TypeVar("Function", bound=Callable[..., object])


def _keep_in_the_users_cache() -> None:
    """Never beside the source, which may belong to somebody else; who sets `NUMBA_CACHE_DIR` is obeyed."""
    try:
        home = Path.home()
    except RuntimeError:
        return
    if not config.CACHE_DIR:  # type: ignore[attr-defined]  # numba makes its settings at run time
        config.CACHE_DIR = str(home / ".cache" / "tapsyrys")  # type: ignore[attr-defined]


_keep_in_the_users_cache()


def compiled(function: Function) -> Function:
    try:
        return cast("Function", njit(cache=True)(function))
    except RuntimeError:
        # no folder to keep it in
        return cast("Function", njit(function))
