"""What goes out, and who is held back, in a sentence."""


def summary(calls: int, texts: int, due: int, held: int, most: int) -> str:
    """`12 calls and 8 texts go out in the next 24 hours; 3 cases are held back.`

    Counts that have reached `most` may be more.
    """
    coming = f", and {_counted(due, 'case', most)} {_verb(due, 'comes', 'come')} due" if due else ""
    return (
        f"{_going_out(calls, texts, most)} in the next 24 hours{coming}; "
        f"{_counted(held, 'case', most)} {_verb(held, 'is', 'are')} held back."
    )


def _going_out(calls: int, texts: int, most: int) -> str:
    there = [
        _counted(count, word, most) for count, word in ((calls, "call"), (texts, "text")) if count
    ]
    if not there:
        return "No call or text goes out"
    return f"{' and '.join(there)} {_verb(calls + texts, 'goes', 'go')} out"


def _counted(count: int, word: str, most: int) -> str:
    number = "no" if count == 0 else f"more than {most:,}" if count >= most else f"{count:,}"
    return f"{number} {word}{'s' * (count != 1)}"


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
