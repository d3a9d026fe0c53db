"""The one exception whose text a person may see."""


class Refused(Exception):
    """A rule said no. ``key`` names the sentence in content/texts, ``params`` fill it in.

    Nothing that happened in the refused step is kept; the person's place in the conversation is.
    """

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params
