"""Text that a runner of pipelines takes for text, and not for a command of its own.

GitHub's runner reads whatever a step prints, on either stream. A line that begins with ``::name``, blanks
before it aside, is a command, and so is ``##[name]`` anywhere in a line; Azure's has ``##vso[`` likewise, and
TeamCity's ``##teamcity[``. What data and packs say must steer it no more than a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

RUNNERS = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
"""Variables by which runners say that a step is theirs."""
_BEGIN = re.compile(r"((?:^|[\r\n])(?:[^\S\r\n]|\x1b\[[0-9;]*m)*):(?=:)")
_WITHIN = re.compile(r"#(?=#\w*\[)")
_SPELT = {"{": (r"\\u003a", r"\\u0023"), "[": (r"\\u003a", r"\\u0023"), "<": ("&#58;", "&#35;")}
"""How a document spells the first colon and the first hash, by the sign with which it begins."""
_APART = (": ", "# ")


def on_a_runner(text: str, environ: Mapping[str, str]) -> str:
    """What is printed: the text itself, or where a runner reads it a text without commands.

    Args:
        text: what is to be printed.
        environ: the environment, by which a runner is known.
    """
    return inert(text) if any(environ.get(name) for name in RUNNERS) else text


def within_commands(text: str) -> str:
    """A command for one runner, without anything that another one would take for a command of its own.

    None begins at a colon there, for the line begins with the command.
    """
    return _WITHIN.sub(_APART[1], text)


def inert(text: str) -> str:
    """The text without anything that a runner takes for a command.

    JSON, XML and HTML spell a sign otherwise, and so say what they said before; in other text a blank takes
    the two signs apart.
    """
    colon, hash_ = _SPELT.get(text.lstrip()[:1], _APART)
    return _WITHIN.sub(hash_, _BEGIN.sub(rf"\g<1>{colon}", text))
