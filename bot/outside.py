"""Fetching from hosts outside: whatever a name resolves to, nothing of our own network is ever asked."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from functools import cache
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.request import getproxies

import httpx


class HttpClient(httpx.AsyncClient):
    """httpx's own, for uvloop: there a connection that the other side ends in the moment of its beginning has no
    socket any more, and anyio (4.16, ``abc/_sockets.py``) asks that for its peer. Raises ConnectError, as elsewhere:
    nothing was sent."""

    async def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        """As httpx's. Raises what that raises."""
        try:
            return await super().send(request, **how)
        except AttributeError as error:
            if error.name != "getpeername" or error.obj is not None:
                raise
            raise httpx.ConnectError("ended as soon as it began", request=request) from None


class Inside(httpx.ConnectError):
    """The name leads into our own network, or nowhere that the public reaches."""


class Outside(httpx.AsyncHTTPTransport):
    """Looks a name up once and connects to what was found, so that no second answer (DNS rebinding) leads elsewhere.
    The certificate is still that of the name. Raises Inside."""

    def __init__(self) -> None:
        super().__init__(
            verify=trusted(), limits=httpx.Limits(max_keepalive_connections=0)
        )  # two names may share an address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The request, sent to the first address that can be reached."""
        failed: httpx.ConnectError | httpx.ConnectTimeout = Inside("no address outside")
        for address in await _addresses(request.url):
            try:
                return await super().handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that we trust, for all clients: each would read them anew and keep a megabyte of them."""
    return httpx.create_ssl_context()


def transport() -> Outside | None:
    """What a client is made with; none where a proxy of the operator's looks names up, which guards its own way."""
    return None if getproxies() else Outside()


def public(address: str) -> bool:
    """Whether an address is on the internet: not this machine's, its network's, a cloud's own, or nobody's."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


async def _addresses(url: httpx.URL) -> Sequence[str]:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpx.ConnectError("no such host") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not all(map(public, addresses)):
        raise Inside("an address inside")
    return addresses


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    extensions = {**request.extensions, "sni_hostname": request.url.host}
    url = request.url.copy_with(host=address)
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)
