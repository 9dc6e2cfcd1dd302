"""Messages that opt in again."""

ENGLISH = [
    "START",
    "start",
    "Unstop",
    "start please",
]
