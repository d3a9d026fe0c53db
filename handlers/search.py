"""Finding a community by what people type: part of its name, pinyin, initials, small slips."""

from rapidfuzz import fuzz

from civic.choices import plain
from civic.pinyin import initials, spelled
from content.library import Library

LIKE = 80.0


def communities(library: Library, text: str) -> list[str]:
    """Ids of communities, best first."""
    wanted = plain(text).replace(" ", "")
    if not wanted:
        return []
    sound = spelled(wanted)
    scored = []
    for key, community in library.city.communities.items():
        district = library.city.district_of[key]
        names = (
            community.zh,
            community.zh.removesuffix("社区"),
            community.en.casefold().replace(" ", ""),
            spelled(community.zh),
            initials(community.zh),
            district.zh + community.zh,
        )
        if any(wanted in name or (len(name) > 1 and name in wanted) for name in names):
            scored.append((100.0, key))
        else:
            score = max(fuzz.ratio(said, name) for said in {wanted, sound} for name in names)
            if score >= LIKE:
                scored.append((score, key))
    return [key for _, key in sorted(scored, key=lambda item: -item[0])]


def mentioned(library: Library, text: str) -> str | None:
    """The one community that an address names, if it names exactly one."""
    found = [key for key, community in library.city.communities.items() if community.zh.removesuffix("社区") in text]
    return found[0] if len(found) == 1 else None
