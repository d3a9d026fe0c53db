"""Chinese number plates: format only, never the owner.

Patterns follow GA 36—2018 as summarised publicly: a province character, a letter, five characters for
ordinary plates, six for new-energy ones (D/A/B/C/E/F/G/H/J/K first or last of the six); I and O are not used.
"""

import re
import unicodedata

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_ORDINARY = re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学警港澳领试超]")
_NEW_ENERGY = re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z](?:[A-HJK][A-HJ-NP-Z0-9][0-9]{{4}}|[0-9]{{5}}[A-HJK])")
_EMBASSY = re.compile(r"使[0-9]{6}|[0-9]{6}使")


def normal_plate(text: str) -> str | None:
    """The plate in its usual spelling (capitals, no dots or blanks), or None if it is none."""
    plate = re.sub(r"[\s·•.\-]", "", unicodedata.normalize("NFKC", text)).upper()
    known = (_ORDINARY, _NEW_ENERGY, _EMBASSY)
    return plate if any(pattern.fullmatch(plate) for pattern in known) else None


def masked(plate: str) -> str:
    """How a plate is shown to anyone but the case handlers: «浙A·***45»."""
    return f"{plate[:2]}·***{plate[-2:]}"
