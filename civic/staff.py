"""Who works on the city's side: roles, and a person as actions see them.

Roles (research: anchors §2; 数字城管 平台/部门/采集员): what each may do with reports stands in the table of moves
(``civic.reports``); here is only who there is, and how far they see.
"""

from dataclasses import dataclass

ADMINISTRATOR = "administrator"  # settings, people, everything
OFFICE = "office"  # the campaign office: all reports, publishing, supervision (督办)
DISPATCHER = "dispatcher"  # triage and assignment
LEAD = "lead"  # a department's lead: its reports and people
HANDLER = "handler"  # works on reports of a department
GRID = "grid"  # a grid worker: reports of their areas
CHECKER = "checker"  # independent check (核查)
VIEWER = "viewer"  # looks, changes nothing

ROLES = (ADMINISTRATOR, OFFICE, DISPATCHER, LEAD, HANDLER, GRID, CHECKER, VIEWER)
EVERYWHERE = frozenset({ADMINISTRATOR, OFFICE, DISPATCHER, CHECKER})  # not bound to departments


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff who acts. Empty ``departments`` or ``areas`` (community ids) mean: not limited by them.

    ``id`` is None for who works at the command line: they sit at the machine and may do all an administrator may.
    """

    name: str
    role: str
    id: int | None = None
    departments: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()

    def sees(self, department: str | None, area: str | None) -> bool:
        """Whether a report of this department and area is theirs to see."""
        within = not self.departments or department in self.departments
        return within and (not self.areas or area in self.areas)
