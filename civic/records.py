"""Records of which every message makes dozens: frozen for the type checker, not while running.

A frozen dataclass writes each field by ``object.__setattr__``, several times as slow as an assignment: a twentieth of
what a whole turn costs. mypy sees the standard decorator and refuses assignments all the same.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen: bool, slots: bool = False):
        """``dataclass``, hashable like a frozen one."""
        assert frozen
        return dataclass(slots=slots, unsafe_hash=True)


__all__ = ["record"]
