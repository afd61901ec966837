"""The colours, light and dark.

Any two of the statuses differ for those who see no red, no green or no blue, and each text has a contrast of
4.5 at least on whatever it stands on, which a test holds.
"""

from __future__ import annotations

COLOURS = """\
:root{color-scheme:light dark;--paper:#fff;--ink:#16202b;--soft:#4d5966;--rule:#d5dbe1;--mid:#8590a0;
--faint:#f1f4f7;--band:#e7ecf1;--link:#0a5a9c;--fail:#8a0f15;--on-fail:#fff;--error:#8c39ac;
--error-bg:#f9f0fc;
--open:#8f5a00;--open-bg:#fdf2dc;--waived:#043b4e;--waived-bg:#e3f0f4;--pass:#1d724a;--pass-bg:#dfe9e3}
@media screen and (prefers-color-scheme:dark){:root{--paper:#10161d;--ink:#e6ebf0;--soft:#a7b2be;
--rule:#2e3944;
--mid:#74808d;--faint:#182029;--band:#222c37;--link:#7ab8f5;--fail:#fb8f74;--on-fail:#2b0804;
--error:#c58aea;
--error-bg:#2c1b38;--open:#f0c342;--open-bg:#332808;--waived:#70cfdb;--waived-bg:#0d2e34;--pass:#c8efce;
--pass-bg:#263a2d}}
"""
