"""Where a request comes from. What a proxy says of that is taken only from the proxies we know."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from bot.asgi import Scope, header


class Origin:
    """Reads the client's address; ``proxies`` are addresses or networks. Raises ValueError for any other word."""

    def __init__(self, proxies: Sequence[str]) -> None:
        self._proxies = [ip_network(one, strict=False) for one in proxies]

    def of(self, scope: Scope) -> str:
        """The client's address; nothing where the server knows none (a local socket)."""
        hops = [hop.strip() for hop in header(scope, b"x-forwarded-for").split(",") if hop.strip()]
        client = scope.get("client")
        hops.append(client[0] if client else "")
        while len(hops) > 1 and self._is_proxy(hops[-1]):
            hops.pop()
        return hops[-1][:64]

    def house_of(self, scope: Scope) -> str:
        """What attempts are counted by: the address, or of IPv6 the network that one line has (64 bits): within it, one
        can have any number."""
        address = self.of(scope)
        try:
            found = ip_address(address)
        except ValueError:
            return address
        if not isinstance(found, IPv6Address):
            return address
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))

    def _is_proxy(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies)
