"""What can go wrong with the world outside, told as facts that the roads can decide on.

Adapters translate a vendor's answer into one of these; only the roads know what to do about it.
"""

from datetime import timedelta


class BridgeError(Exception):
    """A failure with a short code for the log and a sentence for the operator."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Transient(BridgeError):
    """The remote system as a whole could not take the request; the same request may pass later."""

    def __init__(self, code: str, sentence: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code, sentence)
        self.retry_after = retry_after


class Permanent(BridgeError):
    """The remote system refused this very request; repeating it can't help."""


class NotKnown(Permanent):
    """The remote system has no such case or phone."""


class Unclear(BridgeError):
    """The answer to this very request can't be understood; a later one may be."""


class Unconfirmed(BridgeError):
    """A write was answered, and the answer isn't known to mean that it was taken.

    The sentence is in the remote system's own words. ParsedCallback back shows how it stands.
    """


class OutcomeUnknown(BridgeError):
    """The answer was lost: nobody knows whether the remote system has done what was asked."""


class AccountBlocked(BridgeError):
    """Credentials, funds or configuration: the remote system lets nothing through."""


class SettingError(Exception):
    """A setting is missing or malformed; the message is one line that names it."""


class NewerSchema(Exception):
    """The database isn't one that this code can bring up to date; the message is one line."""


class Unusable(Exception):
    """A signed callback that can't be understood; the message says what is wrong with it."""
