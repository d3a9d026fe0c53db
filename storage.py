"""The usual variables of S3-compatible storage, which its library reads itself: what must be known beforehand."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies

_ADDRESSES = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_METADATA_ENDPOINT",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
# Where machines, containers and pods of a cloud ask for the keys of their role: its own network, never beyond.
_ROLES = ("169.254.0.0/16", "fd00:ec2::/32")


def hosts(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Whom the library has to ask for files and for the keys of a role: hosts, and networks of them. None where a proxy
    of the operator's guards the way.

    Raises ValueError for an address that is none (the library would end the process); it names the variable only,
    for an address may hold a password.
    """
    region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "us-east-1"
    named = [_host(name, variables[name]) for name in _ADDRESSES if name in variables]
    if "AWS_PROXY_URL" in variables or getproxies().keys() & {"http", "https", "all"}:
        return ()
    return (*named, *_ROLES, f"s3.{region}.amazonaws.com", f"sts.{region}.amazonaws.com")


def _host(name: str, address: str) -> str:
    try:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https"} and parts.hostname and not re.search(r"\s", address):
            return parts.hostname
    except ValueError:
        pass
    raise ValueError(f"{name} is no address such as https://s3.example.cn")
