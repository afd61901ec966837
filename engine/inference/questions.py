"""What a requirement asks, apart from whom it asks: the bounds that rules are made for.

Requirements of the same bound under the same cover ask the same question and share its rules, so
that a pack of 400 requirements needs rules for its few dozen different bounds only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from phasegate.engine.inference.scaling import choose_scale, scaled_limit, scaled_value
from phasegate.engine.plan import Comparator, Comparison, Observation, Requirement
from phasegate.rules.model.verdict import Evidence, Verdict

BLOCK = 32
"""Questions are numbered in blocks, so that no test in the rule network has too many siblings."""


@dataclass(frozen=True, slots=True)
class Question:
    """One bound with the cover over it; see `engine.plan.Requirement` and `Cover`."""

    tests: tuple[Comparison, ...]
    expected: bool | None
    options: tuple[str, ...]
    covers: frozenset[Verdict]
    floor: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class ScaledTest:
    """One comparison of integers.

    Attributes:
        key: the fact's property that carries the scaled value.
        comparator: how it is compared.
        limit: the scaled limit.
        scale: the scale of both.
    """

    key: str
    comparator: Comparator
    limit: int
    scale: int


@dataclass(frozen=True, slots=True)
class ScaledQuestion:
    """A question in the integers that rules compare.

    Attributes:
        number: the question's number in its rule base, from 0.
        tests, floor: the scaled comparisons.
        expected: for truth values.
        spans: for texts: the runs ``(first, last)`` of the codes of its options.
        covers: the verdicts that a waiver covers.
        has_floor: whether that waiver has a floor.
        unscalable: limits that are too large for 64 bits; such tests and floors are met by nothing,
            and whatever they would decide is an error.
    """

    number: int
    tests: tuple[ScaledTest, ...]
    floor: tuple[ScaledTest, ...]
    expected: bool | None
    spans: tuple[tuple[int, int], ...]
    covers: frozenset[Verdict]
    has_floor: bool
    unscalable: tuple[Comparison, ...]

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
        fraction = _fraction(seen)
        valued = fraction is not None and len(self.floor) > 0
        if fraction is not None:
            there.update({test.key: _scaled(fraction, test) for test in (*self.tests, *self.floor)})
        if self.tests:
            answered = fraction is not None
        elif self.expected is not None:
            answered = seen.truth is not None
            there["truth"] = int(bool(seen.truth))
        elif self.spans:
            answered = seen.text is not None
            there["text"] = code
        else:  # the bound could not be scaled
            answered = False
        return {
            "evidence": int(Evidence(seen.evidence)),
            "answered": int(answered),
            "valued": int(valued),
            **there,
        }


def question_of(requirement: Requirement) -> Question:
    """What the requirement asks."""
    cover = requirement.cover
    return Question(
        requirement.tests,
        requirement.expected,
        requirement.options,
        cover.verdicts if cover else frozenset(),
        cover.floor if cover else (),
    )


def text_codes(questions: Iterable[Question]) -> dict[str, int]:
    """Numbers for the texts that bounds name, from 1, so that no text reaches durable-rules."""
    texts = dict.fromkeys(text for question in questions for text in question.options)
    return {text: code for code, text in enumerate(texts, start=1)}


def scale_question(question: Question, number: int, codes: Mapping[str, int]) -> ScaledQuestion:
    """The question in integers."""
    tests = _scale_tests("test", question.tests)
    floor = _scale_tests("floor", question.floor)
    return ScaledQuestion(
        number=number,
        tests=tests or (),
        floor=floor or (),
        expected=question.expected,
        spans=_spans(sorted(codes[option] for option in question.options)),
        covers=question.covers,
        has_floor=bool(question.floor),
        unscalable=tuple(c for c in question.tests + question.floor if choose_scale(c.limit) is None),
    )


def _scale_tests(name: str, tests: tuple[Comparison, ...]) -> tuple[ScaledTest, ...] | None:
    scaled = []
    for index, test in enumerate(tests):
        scale = choose_scale(test.limit)
        if scale is None:
            return None
        limit = scaled_limit(test.limit, test.comparator, scale)
        scaled.append(ScaledTest(f"{name}{index}", test.comparator, limit, scale))
    return tuple(scaled)


def _spans(codes: list[int]) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1:
            spans[-1] = (spans[-1][0], code)
        else:
            spans.append((code, code))
    return tuple(spans)


def _fraction(seen: Observation) -> tuple[int, int] | None:
    if seen.numerator is None or seen.denominator is None or seen.denominator <= 0:
        return None
    return seen.numerator, seen.denominator


def _scaled(fraction: tuple[int, int], test: ScaledTest) -> int:
    return scaled_value(*fraction, test.comparator, test.scale)
