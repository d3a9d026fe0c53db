"""The content for other hands: the editors' workbook, and one JSON object a line for other programs."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from content.forms import KIND, Form, forms
from content.items import Answer, Question, Source, Tip
from content.library import Library
from content.sheets import Entry


def entries(library: Library, kinds: frozenset[str], topics: frozenset[str]) -> Iterator[Entry[Any]]:
    """Tips, questions and answers, in this order and each in the order of the files; no topics: of all of them."""
    for model, kind in KIND.items():
        for entry in library.entries:
            if isinstance(entry.item, model) and kind in kinds and (not topics or entry.item.topic in topics):
                yield entry


def lines(library: Library, kinds: frozenset[str], topics: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Each item as {kind, id, topic, subtopic, zh, en, sources, …}: docs/content.md says what each key holds."""
    for entry in entries(library, kinds, topics):
        item: Tip | Question | Answer = entry.item
        yield {
            "kind": KIND[type(item)],
            "id": item.id,
            "topic": item.topic,
            "subtopic": item.subtopic,
            "zh": item.zh.model_dump(mode="json"),
            "en": item.en.model_dump(mode="json"),
            "sources": [_source(library, source) for source in item.source],
            **({"form": item.kind} if isinstance(item, Question) else {}),
            **item.model_dump(mode="json", exclude={"kind", "id", "topic", "subtopic", "zh", "en", "source"}),
        }


def _source(library: Library, source: Source) -> dict[str, str]:
    instrument = library.instruments[source.instrument]
    return {
        "instrument": source.instrument,
        "article": source.article,
        "verified_on": source.verified_on.isoformat(),
        "review_by": source.review_by.isoformat(),
        "name": instrument.name,
        "version": instrument.version,
    }


def workbook(library: Library, path: Path, kinds: frozenset[str], topics: frozenset[str]) -> int:
    """Write the workbook, drafts included; how many rows it has. OSError where it can't be written."""
    from content.workbook import write  # openpyxl takes a quarter of a second

    sheets = forms(library)
    rows = {form.kind: list(_rows(library, form, topics)) if form.kind in kinds else [] for form in sheets}
    write(path, rows, [form for form in sheets if form.kind in kinds], library)
    return sum(len(found) for found in rows.values())


def _rows(library: Library, form: Form, topics: frozenset[str]) -> Iterator[dict[str, str]]:
    for entry in (*library.entries, *library.drafts):
        place = PurePosixPath(entry.sheet.name)
        if place.parent.name == form.folder and (not topics or place.stem in topics):
            yield form.row(place.stem, entry.sheet.data[entry.header][entry.index])
