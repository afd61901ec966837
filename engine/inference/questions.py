"""What a requirement asks, apart from whom it asks: the bounds that rules are made for.

Requirements of the same bound under the same cover ask the same question and share its rules, so
that a pack of 400 requirements needs rules for its few dozen different bounds only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from phasegate.engine.inference.scaling import choose_scale, scaled_limit, scaled_value
from phasegate.engine.plan import Comparison, Cover, Observation, OneSided, Requirement, Side, sides
from phasegate.facts.model.ends import Pair
from phasegate.rules.model.verdict import Evidence, Verdict

BLOCK = 32
"""Questions are numbered in blocks, so that no test in the rule network has too many siblings."""
TOLD = {each: each for each in Evidence} | {Evidence.UNDETERMINED: Evidence.UNKNOWN}
"""The evidence that rules tell apart: what a waiver says of an UNDETERMINED one, its fact's `cover` tells."""


@dataclass(frozen=True, slots=True)
class Question:
    """One bound with the cover over it, whichever waiver that is; see `engine.plan.Requirement`."""

    tests: tuple[Comparison, ...]
    expected: bool | None
    options: tuple[str, ...]
    cover: Cover | None


@dataclass(frozen=True, slots=True)
class ScaledTest:
    """One comparison of integers.

    Attributes:
        key: the fact's property that carries the scaled value.
        side: what is compared, and of which end.
        limit: the scaled limit.
        scale: the scale of both.
    """

    key: str
    side: Side
    limit: int
    scale: int

    @property
    def comparator(self) -> OneSided:
        """How it is compared."""
        return self.side.comparator

    def scaled(self, value: Pair) -> int:
        """A value at the scale of the test."""
        return scaled_value(*value, self.side.comparator, self.scale)


@dataclass(frozen=True, slots=True)
class ScaledQuestion:
    """A question in the integers that rules compare.

    Attributes:
        number: the question's number in its rule base, from 0.
        worst, best: the scaled comparisons of a number, each of the end that is worst for it, and of
            the one that is best.
        every, none: the verdicts where the value meets the bound, and where it does not.
        expected: for truth values.
        spans: for texts: the runs ``(first, last)`` of the codes of its options.
        cover: what a waiver covers.
        floor: the scaled comparisons of its floor, each of the worst end; None where no number is
            held against one.
        unscalable: limits that are too large for 64 bits; such tests and floors are met by nothing,
            and whatever they would decide is an error.
    """

    number: int
    worst: tuple[ScaledTest, ...]
    best: tuple[ScaledTest, ...]
    every: Verdict
    none: Verdict
    expected: bool | None
    spans: tuple[tuple[int, int], ...]
    cover: Cover | None
    floor: tuple[ScaledTest, ...] | None
    unscalable: tuple[Side, ...]

    def answer(self, seen: Observation, code: int) -> dict[str, int]:
        """What an observation says to the question, as properties of a fact.

        Args:
            seen: the observation.
            code: the code of its text, 0 for a text that no bound names.

        Returns:
            ``evidence``, ``answered`` (1 if there is a value of the bound's kind), ``valued`` (1 if
            there is a number that a floor can be held against), and the values themselves.
        """
        there: dict[str, int] = {}
        ends = seen.ends
        if ends is not None:
            worst = (*self.worst, *(self.floor or ()))
            there.update({test.key: test.scaled(test.side.worst(*ends)) for test in worst})
            there.update({test.key: test.scaled(test.side.best(*ends)) for test in self.best})
        if self.worst:
            answered = ends is not None
        elif self.expected is not None:
            answered = seen.truth is not None
            there["truth"] = int(bool(seen.truth))
        elif self.spans:
            answered = seen.text is not None
            there["text"] = code
        else:  # the bound could not be scaled
            answered = False
        return {
            "evidence": int(TOLD[Evidence(seen.evidence)]),
            "answered": int(answered),
            "valued": int(ends is not None and self.floor is not None),
            **there,
        }


def question_of(requirement: Requirement) -> Question:
    """What the requirement asks."""
    cover = requirement.cover
    return Question(
        requirement.tests,
        requirement.expected,
        requirement.options,
        replace(cover, waiver="") if cover else None,
    )


def text_codes(questions: Iterable[Question]) -> dict[str, int]:
    """Numbers for the texts that bounds name, from 1, so that no text reaches durable-rules."""
    texts = dict.fromkeys(text for question in questions for text in question.options)
    return {text: code for code, text in enumerate(texts, start=1)}


def scale_question(question: Question, number: int, codes: Mapping[str, int]) -> ScaledQuestion:
    """The question in integers."""
    bound = sides(question.tests)
    floor = question.cover.floor if question.cover else None
    return ScaledQuestion(
        number=number,
        worst=_scale_tests("worst", bound.tests) or (),
        best=_scale_tests("best", bound.tests) or (),
        every=bound.every,
        none=bound.none,
        expected=question.expected,
        spans=_spans(sorted(codes[option] for option in question.options)),
        cover=question.cover,
        floor=None if floor is None else _scale_tests("floor", floor),
        unscalable=tuple(c for c in bound.tests + (floor or ()) if choose_scale(c.limit) is None),
    )


def _scale_tests(name: str, tests: tuple[Side, ...]) -> tuple[ScaledTest, ...] | None:
    scaled = []
    for index, side in enumerate(tests):
        scale = choose_scale(side.limit)
        if scale is None:
            return None
        scaled.append(ScaledTest(f"{name}{index}", side, scaled_limit(side.limit, scale), scale))
    return tuple(scaled)


def _spans(codes: list[int]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1:
            spans[-1] = (spans[-1][0], code)
        else:
            spans.append((code, code))
    return tuple(spans)
