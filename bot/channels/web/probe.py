"""Is the house reached at its public address? For ``main.py check``."""

import httpx

Found = tuple[str, str]  # ok, note or wrong, and the words


async def probe(public_url: str, runs_here: bool, http: httpx.AsyncClient) -> Found:
    """Ask the public address how it does. ``runs_here``: a server of this data directory is running."""
    try:
        answer = await http.get(f"{public_url}/healthz")
    except httpx.HTTPError as error:
        why = f"{public_url} can't be reached from here ({type(error).__name__})"
        if not runs_here:
            return "note", f"{why}: no server runs, start one with main.py run"
        return "wrong", f"{why}, though a server runs here: look at the name, the certificate and the proxy in front"
    if answer.status_code != 200:
        return (
            "wrong",
            f"{public_url}/healthz says {answer.status_code}: what answers there does not pass requests on to Youli",
        )
    return "ok", f"{public_url}/chat"
