"""Whether photos can be kept in S3-compatible storage, in words for those who set it up."""

import re

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

from bot.media import Media, MediaMissing, MediaUnavailable

ASKED = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and whether they may list, get, put and delete there"


async def probe(media: Media) -> tuple[str, str]:
    """A state and its words, after a few bytes were put, read and deleted."""
    try:
        await media.prove()
    except (MediaMissing, MediaUnavailable) as error:
        return "wrong", f"the storage takes none: {_why(error)}"
    return "ok", "the storage took a file, gave it back and deleted it"


def _why(error: Exception) -> str:
    cause = error.__cause__ or error
    said = re.findall(r"(?:status code: |<Code>|Received )(\w+)", str(cause).partition("Debug source")[0])[-1:]
    if isinstance(cause, FileNotFoundError):
        return "there is no such bucket; look at YOULI_MEDIA_URL"
    if "http://169.254." in str(cause):  # the library's last resort: the role of a machine in a cloud
        return f"there are no keys; look at {ASKED}"
    if not said:
        return "it does not answer; look at AWS_ENDPOINT_URL and the way there (AWS_REGION, a proxy)"
    if isinstance(cause, PermissionDeniedError | UnauthenticatedError):
        return f"it refuses us ({said[0]}); look at {ASKED}; and at this machine's clock"
    return f"it answers {said[0]}; look at AWS_REGION and AWS_ENDPOINT_URL, and at the storage's own log"
