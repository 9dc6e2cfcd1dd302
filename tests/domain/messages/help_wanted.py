"""Messages that ask for help."""

ENGLISH = [
    "HELP",
    "info",
    "help please",
]
