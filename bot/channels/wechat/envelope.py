"""Signatures and encryption of what WeChat sends to ``/wechat``, and of what it gets back (protocols B3).

wechatpy's cipher encrypts and decrypts; it is made once: for a message of its own it costs more than the message
(research: speed). What is around it is written here, for bytes: wechatpy goes to text and back, takes any padding, and
compares signatures in a time that tells how much of one is right.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wechatpy.crypto.cryptography import WeChatCipher

SALT, BLOCK = 16, 32  # bytes: the random start of what is encrypted, and what padding fills up
_SEALED = (
    b"<xml><Encrypt><![CDATA[%b]]></Encrypt><MsgSignature><![CDATA[%b]]></MsgSignature>"
    b"<TimeStamp>%b</TimeStamp><Nonce><![CDATA[%b]]></Nonce></xml>"
)


class Forged(Exception):
    """It does not come from WeChat, or not for this account; the text says what is wrong with it."""


class Unreadable(Exception):
    """The body is no message of WeChat's."""


class Envelope:
    """Opens what comes and seals what goes. Without a key messages are plain; with one, plain text is refused."""

    def __init__(self, token: str, app_id: str = "", aes_key: str = "") -> None:
        """Raises ValueError for a key that is none."""
        self._token, self._app_id = token.encode(), app_id.encode()
        self._cipher = _cipher(key_of(aes_key)) if aes_key else None

    @property
    def encrypted(self) -> bool:
        """Whether plain text is refused."""
        return self._cipher is not None

    def signed(self, parameters: Mapping[str, str]) -> bool:
        """Whether the query carries WeChat's signature: sha1 of token, timestamp and nonce, sorted."""
        return self._matches(parameters, "signature")

    def open(self, parameters: Mapping[str, str], raw: bytes) -> bytes:
        """The message's XML. Raises Forged and Unreadable. A plain body is as good as its query's signature.

        In compatible mode a body holds the message twice: what counts is the encrypted one.
        """
        if self._cipher is None:
            if raw.find(b"<MsgType>") < 0 <= raw.find(b"<Encrypt>"):
                raise Unreadable("the account is in safe mode: set YOULI_WECHAT_AES_KEY")
            return raw
        encrypted = _inner(raw, b"<Encrypt>", b"</Encrypt>")
        if not encrypted:
            raise Forged("plain text where encryption is on")
        if not self._matches(parameters, "msg_signature", encrypted):
            raise Forged("msg_signature")
        try:
            framed: bytes = self._cipher.decrypt(b64decode(encrypted))
        except ValueError as error:  # no base64, or no whole blocks
            raise Unreadable(type(error).__name__) from None
        end = SALT + 4 + int.from_bytes(framed[SALT : SALT + 4])
        padding = framed[-1] if framed else 0
        if not 0 < padding <= BLOCK or end > len(framed) - padding:
            raise Unreadable("padding")
        if framed[end:-padding] != self._app_id:
            raise Forged("a message for another account: check YOULI_WECHAT_APP_ID")
        return framed[SALT + 4 : end]

    def seal(self, reply: bytes, timestamp: str) -> bytes:
        """A reply as it leaves: encrypted where messages are. Its random start comes from the system: as the IV is
        always the same, nothing else hides equal messages."""
        if self._cipher is None:
            return reply
        framed = b"%b%b%b%b" % (secrets.token_bytes(SALT), len(reply).to_bytes(4), reply, self._app_id)
        padding = BLOCK - len(framed) % BLOCK
        encrypted = b64encode(self._cipher.encrypt(framed + bytes((padding,)) * padding))
        time, nonce = timestamp.encode(), secrets.token_hex(8).encode()
        return _SEALED % (encrypted, self._mark(time, nonce, encrypted).encode(), time, nonce)

    def _matches(self, parameters: Mapping[str, str], name: str, *parts: bytes) -> bool:
        time, nonce = parameters.get("timestamp", "").encode(), parameters.get("nonce", "").encode()
        return hmac.compare_digest(self._mark(time, nonce, *parts).encode(), parameters.get(name, "").encode())

    def _mark(self, *parts: bytes) -> str:
        marked = hashlib.sha1(b"".join(sorted((self._token, *parts))))  # nosec B324 # noqa: S324 - WeChat's protocol
        return marked.hexdigest()


def _cipher(key: bytes) -> "WeChatCipher":
    """wechatpy's cipher, from its own file: to import the package is to load a client with all of requests, 10 MB."""
    package = find_spec("wechatpy")
    assert package is not None
    file = Path(str(package.origin)).parent / "crypto" / "cryptography.py"
    module = ModuleType("wechatpy_cipher")
    SourceFileLoader(module.__name__, str(file)).exec_module(module)
    cipher: WeChatCipher = module.WeChatCipher(key)
    return cipher


def key_of(aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey (43 characters). Raises ValueError."""
    try:
        key = b64decode(aes_key + "=", validate=True)
    except ValueError:
        key = b""
    if len(aes_key) != 43 or len(key) != 32:
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return key


def between(raw: bytes, start: bytes, end: bytes) -> str:
    """The text of a flat element, without its CDATA."""
    return _inner(raw, start, end).decode(errors="replace")


def _inner(raw: bytes, start: bytes, end: bytes) -> bytes:
    inner = raw.partition(start)[2].partition(end)[0].strip()
    return inner.removeprefix(b"<![CDATA[").removesuffix(b"]]>")
