"""Safe mode between us and libraries of others: npm wechat-crypto and @wecom/crypto play WeChat."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import playwright
import pytest

from bot.channels.wechat.envelope import Envelope, Forged
from tests.channels.wechat.conftest import ANNE, Town
from tests.channels.wechat.platform import ACCOUNT, KEY, TOKEN, call, message, signature, tree

TIMESTAMP, NONCE = "1700000000", "nonce-of-the-peer"
NODE = Path(playwright.__file__).with_name("driver") / "node"  # playwright brings its own
MODULES = Path(sys.prefix) / "node_modules"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where both libraries are installed, as set-up has fetched them."""
    assert (MODULES / "lock").is_file(), "set-up could not fetch them: make setup-dev with npm's registry in reach"
    folder = tmp_path_factory.mktemp("node")
    (folder / "node_modules").symlink_to(MODULES)
    shutil.copy(Path(__file__).with_name("peer.cjs"), folder)
    return folder


def ask(folder: Path, library: str, **what: str) -> dict[str, Any]:
    """Have a library do something."""
    fixed = {"library": library, "token": TOKEN, "key": KEY, "id": "wx0123456789abcdef"}
    wanted = json.dumps(fixed | {"timestamp": TIMESTAMP, "nonce": NONCE} | what)
    done = subprocess.run(  # noqa: S603 - our own words
        [NODE, "--no-deprecation", "peer.cjs"], input=wanted, cwd=folder, capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize("mode", ["safe"])
@pytest.mark.parametrize("theirs", ["wechat-crypto", "@wecom/crypto"])
async def test_a_message_of_theirs_and_our_answer(theirs: str, node: Path, town: Town) -> None:
    fields = {"ToUserName": ACCOUNT, "FromUserName": ANNE, "CreateTime": "1", "MsgType": "text", "MsgId": "1"}
    sealed = ask(node, theirs, do="seal", text=message(fields | {"Content": "菜单👋"}))
    parameters = {
        "timestamp": TIMESTAMP,
        "nonce": NONCE,
        "signature": signature(TOKEN, TIMESTAMP, NONCE),
        "encrypt_type": "aes",
        "msg_signature": sealed["signature"],
    }
    body = message({"ToUserName": ACCOUNT, "Encrypt": sealed["encrypted"]}).encode()
    status, answer = await call(town.platform.door, "POST", parameters, body)
    assert status == 200
    outer = tree(answer)
    parts = {name: outer.findtext(name) or "" for name in ("TimeStamp", "Nonce", "MsgSignature", "Encrypt")}
    opened = ask(
        node, theirs, do="open", encrypted=parts["Encrypt"], timestamp=parts["TimeStamp"], nonce=parts["Nonce"]
    )
    assert opened["signature"] == parts["MsgSignature"]
    assert opened["id"] == "wx0123456789abcdef"
    reply = tree(opened["message"])
    assert (reply.findtext("ToUserName"), reply.findtext("MsgType")) == (ANNE, "text")
    assert reply.findtext("Content")


@pytest.mark.parametrize("text", ["", "a", "x" * 31, "y" * 32, "长" * 700, "👨‍👩‍👧‍👦"])
def test_every_length_there_and_back(text: str) -> None:
    """The padding is to 32 bytes, not to AES's 16."""
    from werobot.crypto import MessageCrypt

    ours, theirs = Envelope(TOKEN, "wx1", KEY), MessageCrypt(TOKEN, KEY, "wx1")
    outer = tree(ours.seal(text.encode(), TIMESTAMP))
    parts = [outer.findtext(name) or "" for name in ("TimeStamp", "Nonce", "MsgSignature", "Encrypt")]
    assert theirs.decrypt_message(*parts).decode() == text
    sealed = tree(theirs.encrypt_message(text, TIMESTAMP, NONCE))
    parameters = {"timestamp": TIMESTAMP, "nonce": NONCE, "msg_signature": sealed.findtext("MsgSignature") or ""}
    body = message({"Encrypt": sealed.findtext("Encrypt") or ""}).encode()
    assert ours.open(parameters, body).decode() == text
    with pytest.raises(Forged):
        ours.open(parameters | {"nonce": "other"}, body)


@pytest.mark.parametrize("key", ["", "short", "k" * 42, "k" * 44, "长" * 43])
def test_a_key_that_is_none_is_said_to_be_none(key: str) -> None:
    from bot.channels.wechat.envelope import key_of

    with pytest.raises(ValueError, match="43"):
        key_of(key)
