"""Who works on the city's side: roles, rights, and a person as actions see them.

Roles (research: anchors §2; 数字城管 平台/部门/采集员): what each may do with reports stands in the table of moves
(``civic.reports``); here is who there is, how far they see, and what they may do besides.
"""

from collections.abc import Iterable
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

# What a role may do besides moving reports. Everybody signed in sees their reports and their own account.
RIGHTS: dict[str, frozenset[str]] = {
    "people": frozenset({ADMINISTRATOR, OFFICE, LEAD}),  # see who works here; a lead: in their departments
    "appoint": frozenset({ADMINISTRATOR, OFFICE}),  # invite, change roles, disable
    "absences": frozenset({ADMINISTRATOR, OFFICE, LEAD}),  # say who is away, and who sees their work meanwhile
    "sources": frozenset({ADMINISTRATOR, OFFICE}),  # what the texts rest on, and what is due for review
    "supervisions": frozenset({ADMINISTRATOR, OFFICE, LEAD}),  # the page of supervisions; the table says who signs
    "mutes": frozenset({ADMINISTRATOR, OFFICE, DISPATCHER}),  # say who may send no reports for a while
    "publish": frozenset({ADMINISTRATOR, OFFICE}),  # sign the figures of a period
    "audit": frozenset({ADMINISTRATOR}),  # read what staff did
    "operations": frozenset({ADMINISTRATOR}),  # see how the machine does, try dead letters again
    "veil": frozenset({OFFICE, DISPATCHER, LEAD, HANDLER, CHECKER}),  # have more of a photo veiled, keep it back
    "originals": frozenset({OFFICE, DISPATCHER, LEAD, HANDLER, CHECKER}),  # open sealed photos; each is logged
}


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff who acts. Empty ``departments`` or ``areas`` (community ids) mean: not limited by them.

    ``id`` is None for who works at the command line: they sit at the machine and may do all an administrator may.
    ``origin`` is where they act from, for the audit log: an address, or the name of a channel.
    """

    name: str
    role: str
    id: int | None = None
    departments: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    origin: str = "terminal"

    def sees(self, department: str | None, area: str | None) -> bool:
        """Whether a report of this department and area is theirs to see."""
        within = not self.departments or department in self.departments
        return within and (not self.areas or area in self.areas)

    def may(self, right: str) -> bool:
        """Whether their role has one of RIGHTS."""
        return self.role in RIGHTS[right]

    def appoints(self, role: str) -> bool:
        """Whether they may give this role to somebody, or change who has it: nobody above their own."""
        return self.may("appoint") and (role != ADMINISTRATOR or self.role == ADMINISTRATOR)


def joined(own: frozenset[str], others: Iterable[frozenset[str]]) -> frozenset[str]:
    """The limits of somebody who also stands in for others: empty (no limit) as soon as one of them has none."""
    limits = (own, *others)
    return frozenset[str]().union(*limits) if all(limits) else frozenset()
