"""The conversation engine: one meaning's way through the conversations until there is something to say."""

from typing import Any

from bot.conversation import Conversation, Reply, Step, Turn, unusable
from bot.house import House
from bot.messages import Option, Say
from bot.routing import Meaning, closest
from civic.people import Resident
from content.search import SURE
from db.talks import Talk

TRAIL = 12  # how many steps «返回» goes back
LEAPS = 4  # how often one message may be handed from conversation to conversation
MENU = Option("/menu", "command.menu")
COMMANDS = frozenset({"back", "cancel", "resume"})  # the engine's own; all others open a conversation


class Route:
    """Follows one meaning. What it changes is the talk, in memory; the steps' actions change the database."""

    def __init__(self, turn: Turn, talk: Talk, house: House) -> None:
        self.turn, self.talk, self.house = turn, talk, house
        self.says: list[Say] = []
        self.leaps = 0

    def follow(self, meaning: Meaning) -> tuple[list[Say], Resident]:
        """What to say, and the resident as they are now. Raises whatever a step raises."""
        if meaning.command is not None:
            self._command(*meaning.command)
        elif meaning.stale:
            self._stale()
        else:
            self._take(meaning)
        return self.says, self.turn.resident

    def _take(self, meaning: Meaning) -> None:
        conversation, step = self.house.named(self.talk.conversation), self._step()
        kind = self._kind(meaning)
        if step and kind == "text" and (greeting := self._greeting(meaning.text)):
            self.says.append(greeting)
            self._ask()
        elif conversation and step and kind in step.accepts:
            turn = self.turn.having(text=meaning.text, choice=meaning.choice)
            self._settle(conversation, step.take(turn), turn)
        elif kind in {"photos", "place"}:
            self._command("report", kind)
        elif step and not self._asks(meaning.text):
            self._remind(step)
        else:
            self._unknown(meaning.text)

    def _greeting(self, text: str) -> Say | None:
        """What is said to a «hello», which answers no question."""
        heard = self.house.library.speech.courtesy(text)
        if heard is None or not heard.anywhere:
            return None
        return Say("ask.courtesy", {"text": heard.in_language(self.turn.language)})

    def _asks(self, text: str) -> bool:
        """Whether words that answer no open step are a question that we can answer."""
        hits = self.house.library.finder.find(text) if text else []
        return bool(hits) and hits[0].score >= SURE

    def _kind(self, meaning: Meaning) -> str:
        if meaning.choice is not None:
            return "choice"
        if self.turn.photos:
            return "photos"
        if self.turn.message.place is not None:
            return "place"
        return "text" if meaning.text else "nothing"

    def _remind(self, step: Step) -> None:
        """Say what would help here, and ask the open step's question again."""
        if self.turn.message.unsupported:
            self.says.append(unusable(self.turn))
        elif "text" not in step.accepts:
            self.says.append(Say("bot.choose"))
        self._ask()

    def _nowhere(self, name: str) -> None:
        """A command that is none: what is open stays open."""
        step = self._step()
        if step is not None:
            self._remind(step)
        elif self.talk.fresh:
            self._command("start", "")
        elif near := closest(name, self.house.library):
            self.says.append(Say("bot.did_you_mean", {}, (Option(f"/{near}", f"command.{near}"), MENU)))
        else:
            self._command("unknown", name)

    def _step(self) -> Step | None:
        """The open step, if there is one (and a newer Youli still has it)."""
        conversation = self.house.named(self.talk.conversation)
        return conversation.steps.get(self.talk.step or "") if conversation else None

    def _unknown(self, text: str) -> None:
        if self.turn.message.unsupported:
            self._command("unsupported", self.turn.message.unsupported)
        elif self.talk.fresh:
            self._command("start", "")
        elif text:
            self._command("ask", text)
        else:
            self._command("unknown", "")

    def _command(self, name: str, argument: str) -> None:
        if name == "back":
            return self._back()
        if name == "cancel":
            return self._cancel()
        if name == "resume":
            return self._ask()
        conversation = self.house.conversation_for(name)
        if conversation is None:
            return self._nowhere(name)
        self._leave(quietly=self.talk.conversation == conversation.name)
        turn = self.turn.having(data={}, text="", choice=None, paused=self.talk.paused)
        return self._settle(conversation, conversation.start(turn, name, argument), turn)

    def _settle(self, conversation: Conversation, reply: Reply, turn: Turn) -> None:
        talk = self.talk
        self.says.extend(reply.says)
        if reply.forget:
            talk.paused = {}
        if reply.resident is not None:
            self.turn = turn = self.turn.having(resident=reply.resident)
        if reply.stay:
            if reply.keep is not None:
                talk.data["d"] = reply.keep
            self._ask()
        elif reply.next is not None:
            self._enter(conversation, reply.next, turn.data if reply.keep is None else reply.keep)
        else:
            if talk.conversation == conversation.name:
                talk.conversation, talk.step, talk.data = None, None, {}
            if reply.go is not None:
                self._hand_over(reply.go)

    def _enter(self, conversation: Conversation, step: str, data: dict[str, Any]) -> None:
        talk = self.talk
        inside = talk.conversation == conversation.name
        trail: list[list[Any]] = talk.data.get("trail", []) if inside else []
        if inside and talk.step and talk.step != step:
            trail = [*trail, [talk.step, talk.data.get("d", {})]][-TRAIL:]
        talk.conversation, talk.step = conversation.name, step
        talk.data = {"d": data, "trail": trail}
        talk.paused.pop(conversation.name, None)
        self._ask()

    def _hand_over(self, to: str) -> None:
        self.leaps += 1
        if self.leaps > LEAPS:
            raise RuntimeError("conversations hand a message over in a circle")
        name, _, argument = to.partition(" ")
        self._command(name, argument)

    def _ask(self) -> None:
        step = self._step()
        if step is None:
            self.talk.conversation, self.talk.step, self.talk.data = None, None, {}
            return self._command("menu", "")
        self.says.append(step.ask(self.turn.having(data=dict(self.talk.data.get("d", {})))))
        return None

    def _stale(self) -> None:
        self.says.append(Say("bot.stale"))
        self._ask()

    def _back(self) -> None:
        trail: list[list[Any]] = self.talk.data.get("trail", [])
        if not self.talk.conversation or not trail:
            self._leave()
            return self._command("menu", "")
        step, data = trail[-1]
        self.talk.step, self.talk.data = step, {"d": data, "trail": trail[:-1]}
        return self._ask()

    def _cancel(self) -> None:
        conversation = self.house.named(self.talk.conversation)
        draft = conversation is not None and conversation.resumes
        self.says.append(Say("bot.discarded" if draft else "bot.cancelled" if conversation else "bot.nothing_open"))
        self.talk.conversation, self.talk.step, self.talk.data = None, None, {}
        self._command("menu", "short")

    def _leave(self, quietly: bool = False) -> None:
        """Put the open conversation aside; one that resumes is kept as it stands."""
        conversation = self.house.named(self.talk.conversation)
        if conversation and conversation.resumes and self.talk.step:
            self.talk.paused[conversation.name] = {"step": self.talk.step, **self.talk.data}
            if not quietly:
                self.says.append(Say("bot.kept"))
        self.talk.conversation, self.talk.step, self.talk.data = None, None, {}
