"""The saved programme with other verdicts, put together as a run would: what follows, follows."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from phasegate.records.reader import load_record
from phasegate.records.schema import Record
from phasegate.rules.model.verdict import BY_WORD, OPEN_STATES, WORST_FIRST, GateState

SAVED = Path(__file__).parents[1] / "reports" / "records"
PROGRAMME = load_record(SAVED / "programme.json")


@st.composite
def turned(draw: Any) -> Record:
    """The programme with a verdict drawn for each requirement, most of which pass."""
    words = st.sampled_from(["pass", "pass", "pass", *WORST_FIRST])
    asked = PROGRAMME["requirements"]
    return with_verdicts(PROGRAMME, {each["id"]: draw(words) for each in asked})


def with_verdicts(record: Record, verdicts: dict[str, str]) -> Record:
    """A record with other verdicts of requirements, and what follows from them in criteria and gates."""
    made = copy.deepcopy(record)
    own: dict[str, list[str]] = {}
    for asked in made["requirements"]:
        asked["verdict"] = verdicts.get(asked["id"], asked["verdict"])
        own.setdefault(asked["criterion"], []).append(asked["verdict"])
    for criterion in made["criteria"]:
        criterion["verdict"] = min(own[criterion["id"]], key=WORST_FIRST.index)
    binding = {each["id"]: each["verdict"] for each in made["criteria"] if each["enforcement"] != "advisory"}
    points = {each["id"]: each["criteria"] for each in made["points"]}
    states: dict[str, GateState] = {}
    for gate in made["gates"]:
        names = [*(name for point in gate["points"] for name in points[point]), *gate["targets"]]
        inside = [(name, binding[name]) for name in names if name in binding]
        own_state = max(BY_WORD[word].gate_state for _, word in inside)
        states[gate["id"]] = max([own_state, *(states[each] for each in gate["after"])])
        gate["own"], gate["state"] = own_state.word, states[gate["id"]].word
        gate["reasons"] = [
            {"kind": "criterion", "id": name, "verdict": word, "text": f"{name} is {word}"}
            for name, word in inside
            if BY_WORD[word] > BY_WORD["pass"]
        ]
        gate["reasons"] += [
            {
                "kind": "gate",
                "id": each,
                "verdict": states[each].word,
                "text": f"gate {each} is {states[each].word}",
            }
            for each in gate["after"]
            if states[each] is not GateState.OPEN
        ]
    made["outcome"] = max(states.values()).word
    assert (made["outcome"] in OPEN_STATES) == all(each["state"] in OPEN_STATES for each in made["gates"])
    return made
