"""The story of a month: who did what when, in the glossary's words."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Story:
    """Lines, and a hash over them that tells two months apart."""

    clock: Callable[[], datetime]
    lines: list[str] = field(default_factory=list)
    events: int = 0
    """Lines of the world outside; what processes do of themselves aside."""

    def tell(self, who: str, what: str) -> None:
        """Add a line."""
        self.events += not who.startswith(("web ", "worker "))
        self.lines.append(f"{self.clock():%a %b %d %H:%M:%S.%f}Z  {who:<14} {what}")

    @property
    def digest(self) -> str:
        """The same for two months in which the same happened."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()

    def about(self, *words: str) -> list[str]:
        """The lines that name one of these."""
        return [line for line in self.lines if any(word in line for word in words)]
