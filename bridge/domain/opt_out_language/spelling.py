"""One spelling for each word, so that the patterns need only one.

People write refusals in dialect, in haste and in anger: "dont text me nomore", "quit callin me",
"stoppp". All of that is undone here, once, before a phrase is looked for.
"""

import re

_WORDS = {
    # Not
    "dont": "do not",
    "dnt": "do not",
    "donot": "do not",
    "dontt": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "isnt": "is not",
    "arent": "are not",
    "wasnt": "was not",
    "havent": "have not",
    "hasnt": "has not",
    "hadnt": "had not",
    "wont": "will not",
    "wouldnt": "would not",
    "couldnt": "could not",
    "shouldnt": "should not",
    "cant": "can not",
    "cannot": "can not",
    "nomore": "no more",
    "nomo": "no more",
    "anymore": "any more",
    "anymo": "any more",
    "noone": "nobody",
    # Who
    "im": "i am",
    "ive": "i have",
    "ion": "i do not",
    "weve": "we have",
    "ima": "i am going to",
    "imma": "i am going to",
    "its": "it is",
    "hes": "he is",
    "shes": "she is",
    "youre": "you are",
    "youve": "you have",
    "theyre": "they are",
    "thats": "that is",
    "theres": "there is",
    "u": "you",
    "ya": "you",
    "ur": "your",
    "yall": "you all",
    "yal": "you all",
    "yalls": "your",
    "everybody": "everyone",
    "momma": "mom",
    "mama": "mom",
    # What is sent
    "txt": "text",
    "txts": "texts",
    "txted": "texted",
    "tex": "text",
    "texs": "texts",
    "textes": "texts",
    "textting": "texting",
    "txting": "texting",
    "texing": "texting",
    "msging": "messaging",
    "msg": "message",
    "msgs": "messages",
    "mesage": "message",
    "mesages": "messages",
    "messege": "message",
    "messeges": "messages",
    "callling": "calling",
    "caling": "calling",
    "fone": "phone",
    "hmu": "hit me up",
    "vm": "voicemail",
    "vms": "voicemails",
    "num": "number",
    "numba": "number",
    "numer": "number",
    "nmbr": "number",
    "wrongnumber": "wrong number",
    "harrass": "harass",
    "harrassing": "harassing",
    "harrasing": "harassing",
    "harasing": "harassing",
    "harrasment": "harassment",
    "harrassment": "harassment",
    "harasment": "harassment",
    "recieve": "receive",
    "recieving": "receiving",
    # Stop
    "stopp": "stop",
    "stahp": "stop",
    "stpo": "stop",
    "sotp": "stop",
    "unsubcribe": "unsubscribe",
    "unsubscibe": "unsubscribe",
    "unsuscribe": "unsubscribe",
    "fuckin": "fucking",
    "fkn": "fucking",
    "eff": "fuck",
    "fking": "fucking",
    "freaking": "fucking",
    "freakin": "fucking",
    "frickin": "fucking",
    "tf": "the fuck",
    "goddamn": "damn",
    "dang": "damn",
    "darn": "damn",
    # Lawyers
    "attorny": "attorney",
    "atty": "attorney",
    "attny": "attorney",
    "lawer": "lawyer",
    "laywer": "lawyer",
    "intrested": "interested",
    "intersted": "interested",
    # Times
    "b4": "before",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tomorow": "tomorrow",
    "tommorow": "tomorrow",
    "2morrow": "tomorrow",
    "2moro": "tomorrow",
    "tonite": "tonight",
    "wknd": "weekend",
    "rn": "right now",
    # Manners and small words
    "pls": "please",
    "plz": "please",
    "plss": "please",
    "plese": "please",
    "pleas": "please",
    "pleez": "please",
    "kindly": "please",
    "thx": "thanks",
    "tks": "thanks",
    "r": "are",
    "gonna": "going to",
    "finna": "going to",
    "wanna": "want to",
    "tryna": "trying to",
    "tryin": "trying",
    "lemme": "let me",
    "gimme": "give me",
    "da": "the",
    "dis": "this",
    "dat": "that",
    "dem": "them",
    "w": "with",
    "wit": "with",
    "abt": "about",
    "cuz": "because",
    "bc": "because",
    "aight": "ok",
    "ff": "off",
}
_DROPPED_G = re.compile(
    r"\b(annoy|ask|bother|blow|bugg|call|contact|disturb|email|gett|harass|hitt|hound|leav|mak|"
    r"messag|msg|pester|phon|reach|ring|send|spamm|stalk|talk|tell|tex|text|txt|wast|writ)i?n\b",
    re.IGNORECASE,
)
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_DOUBLED = frozenset("flsFLS")
"""Letters that words end in twice: "callll" is "call", and "stoppp" is "stop"."""

# In the order in which they are made: the later ones read what the earlier ones wrote.
_PHRASES = tuple(
    (re.compile(found, re.IGNORECASE), written)
    for found, written in (
        (r"\be mail(s|ed|ing)?\b", r"email\1"),
        (r"\bvoice mail(s)?\b", r"voicemail\1"),
        (r"\by all\b", "you all"),
        (r"(?<=ing) n (?=\w+ing\b)", " and "),
        (r"\b(do|does|did|is|are|was|would|could)n t\b", r"\1 not"),
        (r"\bdo no (?=call|text|contact|message)", "do not "),
        (r"\b(no|any) mo\b", r"\1 more"),
        (r"\b(going|how|need|speak|talk|trying|want) 2\b", r"\1 to"),
        # ain't trying to hear from you: doesn't want to
        (
            r"(?<!he )(?<!she )(?<!they )(?:\bi am not|\b(?:i )?aint) (?:trying|looking) to "
            r"(?=be|get|hear|receive|speak|talk)",
            "i do not want to ",
        ),
        (r"(?:\bi |^)aint\b", "i am not"),
        (r"\b(you|you all|we|they) aint\b", r"\1 are not"),
        (r"\baint\b", "is not"),
        (r"^were (?=all|done|good|going|no longer|not|represented|through)", "we are "),
        # A doubled negative denies once.
        (
            r"\b(do|does|did|will|is|am|are|can|could)( not(?: \w+){1,3}) no "
            r"(?=call|communication|contact|longer|message|more|text)",
            r"\1\2 any ",
        ),
        (r"\bnever((?: \w+){1,3}) no more\b", r"never\1 any more"),
        (r"\bany longer\b", "any more"),
    )
)


def respelled(words: str) -> str:
    """Words with single spaces in one spelling; their case stays, where they are names."""
    plain = _DROPPED_G.sub(r"\1ing", _DRAWN_OUT.sub(_once, words))
    said = " ".join(_WORDS.get(word.casefold(), word) for word in plain.split())
    for found, written in _PHRASES:
        said = found.sub(written, said)
    return said


def _once(found: re.Match[str]) -> str:
    letter = found[1]
    return letter * (2 if letter in _DOUBLED else 1)
