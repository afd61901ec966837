"""What is wrong with a project's notifications."""

from __future__ import annotations

from collections.abc import Iterator

from phasegate.rules.diagnostics.diagnostic import Diagnostic
from phasegate.rules.diagnostics.source_map import Origin
from phasegate.rules.diagnostics.suggestions import suggest
from phasegate.rules.model.audience import roles_of
from phasegate.rules.model.notification import WORDS, Notification, template_fault
from phasegate.rules.model.pack import Pack
from phasegate.rules.model.project import Project


def notification_faults(project: Project, pack: Pack | None, origin: Origin) -> Iterator[Diagnostic]:
    """Everything that is wrong with ``notifications`` and that no part of them shows alone.

    Args:
        project: the project file's content.
        pack: its pack; None where it could not be read.
        origin: the project file.
    """
    for name, notification in project.notifications.items():
        yield from _templates(name, notification, origin)
        if pack is not None:
            yield from _beside_the_pack(name, notification, pack, origin)


def _templates(name: str, notification: Notification, origin: Origin) -> Iterator[Diagnostic]:
    for key in ("title", "body"):
        fault = template_fault(getattr(notification, key))
        if fault is None:
            continue
        message, word = fault
        hint = word if word.startswith("write") else suggest(word, WORDS, of="names")
        yield origin.diagnose("broken-template", message, ("notifications", name, key), hint, "value")


def _beside_the_pack(
    name: str, notification: Notification, pack: Pack, origin: Origin
) -> Iterator[Diagnostic]:
    for place, area in enumerate(notification.areas):
        if area not in pack.areas:
            at = ("notifications", name, "areas", place)
            hint = suggest(area, pack.areas, of="areas")
            yield origin.diagnose("unknown-area", f"the pack has no area {area!r}", at, hint, "value")
    known = roles_of(pack)
    for place, role in enumerate(notification.roles):
        if role not in known:
            at = ("notifications", name, "roles", place)
            message = f"no criterion of the pack is the concern of {role!r}"
            yield origin.diagnose(
                "unknown-role", message, at, suggest(role, known, of="roles in it"), "value"
            )
