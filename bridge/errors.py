"""The errors that the rest of the code acts on.

Adapters translate a vendor's response into one of these; what to do about it is decided elsewhere.
"""

from datetime import timedelta


class BridgeError(Exception):
    """An error with a short code for the log and a sentence for the operator."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Transient(BridgeError):
    """The remote system could not process the request; a retry may succeed."""

    def __init__(self, code: str, sentence: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code, sentence)
        self.retry_after = retry_after


class Permanent(BridgeError):
    """The remote system refused this one request; a retry can't succeed."""


class NotKnown(Permanent):
    """The remote system has no such case or phone."""


class Unclear(BridgeError):
    """The response to this one request can't be read; a later one may be."""


class Unconfirmed(BridgeError):
    """The response to a write isn't known to mean that it was accepted.

    The sentence is the remote system's own message. Reading the case back shows its state.
    """


class OutcomeUnknown(BridgeError):
    """The response was lost: the remote system may or may not have done what was requested."""


class AccountBlocked(BridgeError):
    """Credentials, funds or configuration: the remote system refuses all requests."""


class SettingError(Exception):
    """A setting is missing or malformed; the message is one line that names it."""


class NewerSchema(Exception):
    """The database's schema is newer than this code; the message is one line."""


class Unusable(Exception):
    """A signed callback that can't be used; the message says what is wrong with it."""
