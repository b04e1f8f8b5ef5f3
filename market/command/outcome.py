"""What a command answers with: an object for programs and lines for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """``ok`` False ends the process with exit code 1 and needs ``problems`` (``{"code", "detail"}``)."""

    lines: list[str] = field(default_factory=list)
    report: Mapping[str, object] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, object]:
        return {"ok": self.ok, **({"problems": self.problems} if self.problems else {}), **self.report}
