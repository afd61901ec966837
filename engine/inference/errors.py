"""What can go wrong between a plan and durable-rules."""

from __future__ import annotations

from phasegate.rules.errors import PhasegateError


class InferenceError(PhasegateError):
    """The rules cannot decide this plan."""


class MalformedPlanError(InferenceError):
    """A plan that contradicts itself: an id used twice, an index that leads nowhere."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the plan is malformed at {where!r}: {why}")
        self.where = where


class PlanTooLargeError(InferenceError):
    """A part of a plan that breaks a limit of durable-rules and can not be divided any further."""

    def __init__(self, what: str, found: int, limit: int, where: str = "") -> None:
        self.what, self.found, self.limit = what, found, limit
        at = f" at {where!r}" if where else ""
        super().__init__(
            f"the plan needs {found:,} {what}{at} and durable-rules takes {limit:,}",
            "larger plans are divided, but this is one piece: make its bound or its nesting simpler",
        )


class CollidingNamesError(InferenceError):
    """Names that durable-rules cannot tell apart."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(
            f"durable-rules takes {first!r} and {second!r} for the same name: "
            "their 32-bit FNV-1a hashes are equal",
            "rename one of them",
        )
        self.names = (first, second)


class EngineFaultError(InferenceError):
    """durable-rules refused something that it must take."""

    def __init__(self, doing: str, why: str) -> None:
        super().__init__(f"durable-rules failed while {doing}: {why}")


class ClosedRuleBaseError(InferenceError):
    """A rule base that is used after it was closed."""

    def __init__(self) -> None:
        super().__init__("the rule base is closed: make a new one from the plan")
