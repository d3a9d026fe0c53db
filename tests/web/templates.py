"""The pages' templates for the tests that each have a house of their own: compiled once, not once for each house."""

from types import CodeType

import jinja2
from jinja2.bccache import Bucket

from bot.house import House
from web.parts import templates


class Compiled(jinja2.BytecodeCache):
    """What templates became, as long as the tests run."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


def compiled(house: House) -> jinja2.Environment:
    """The templates as main puts them together."""
    environment = templates(house)
    environment.bytecode_cache = COMPILED
    return environment
