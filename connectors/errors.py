"""What goes wrong with a partner's system, told so that the caller knows what to do next."""


class ConnectorError(Exception):
    """The partner could not do its part.

    `permanent` means that trying again will not help and a person must act. Otherwise try later, after `retry_after`
    seconds where the partner named a time; whether a write took effect is then unknown.
    """

    def __init__(self, message: str, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.retry_after = retry_after


class StaleRecord(ConnectorError):
    """The partner's record changed since the version that the change was made on: pull it, merge, push again."""


class ExpiredCursor(ConnectorError):
    """The partner, or this connector, no longer understands the cursor: begin again with `cursor=None`."""


class CredentialsRefused(ConnectorError):
    """The partner does not let us in: no change can be pushed, no page pulled, until a person acts."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class NotNow(ConnectorError):
    """No request was made: the partner is to be left alone for `retry_after` seconds. Let it through, always."""


class NotAuthentic(ConnectorError):
    """What came to our door was not surely sent by the partner, or not just now: nothing of it is kept."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)
