"""What goes wrong with a partner's system, told so that the caller knows what to do next."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MOST_LETTERS = 2_000
_LONGEST_WAIT = 86_400.0


class ConnectorError(Exception):
    """The partner could not do its part.

    `permanent` means that trying again will not help and a person must act. Otherwise try later, after `retry_after`
    seconds (a day at most) where the partner named a time; whether a write took effect is then unknown. Of the message
    2,000 letters are kept, without what no database stores: a partner's own words may be in it.
    """

    def __init__(self, message: str, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = _UNSTORABLE.sub("\ufffd", message[:_MOST_LETTERS])
        self.permanent = permanent
        self.retry_after = None if retry_after is None else min(max(0.0, retry_after), _LONGEST_WAIT)


class StaleRecord(ConnectorError):
    """The partner's record changed since the version that the change was made on: pull it, merge, push again."""


class ExpiredCursor(ConnectorError):
    """The partner, or this connector, no longer understands the cursor: begin again with `cursor=None`."""


class CredentialsRefused(ConnectorError):
    """The partner does not let us in: no change can be pushed, no page pulled, until a person acts."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class NotNow(ConnectorError):
    """The partner is to be left alone for `retry_after` seconds: nothing was asked, or nobody waits for the answer.

    Let it through, always.
    """


class NotAuthentic(ConnectorError):
    """What came to our door was not surely sent by the partner, or not just now: nothing of it is kept."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)
