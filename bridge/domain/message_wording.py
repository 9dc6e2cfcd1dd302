"""What the firm says to people must not reveal what it is about: others may see or hear it.

A text shows on a locked phone, a voicemail plays in a kitchen (compliance.md, section 0: ABA Model
Rule 1.6). So only the firm's name and number are filled in, and words that tell of the matter are
refused.
"""

import re
import unicodedata
from string import Formatter

FIELDS = frozenset({"firm", "phone"})
_FILLED_IN = "only {firm} and {phone} are filled in"
_WHY = "whoever sees or hears it must not learn what it is about"

# By what they tell of; accents are folded away before, so Spanish is written without.
_REVEALING = {
    "what happened": (
        r"accidents?",
        r"(?:car |truck )?crash(?:es|ed)?",
        r"collisions?",
        r"wreck(?:s|ed)?",
        r"slip(?:s|ped)?(?: |-)and(?: |-)fall",
        r"fall at",
        r"dog bites?",
        r"injur\w*",
        r"wrongful \w+",
        r"assault(?:s|ed)?",
        r"abus(?:es?|ed|ers?|ive)",
        r"molest\w*",
        r"rap(?:e[ds]?|ist)",
        r"sexual\w*",
        r"victims?",
        r"harass\w*",
        r"discriminat\w*",
        r"negligen\w*",
        r"malpractice",
        r"overdose",
        r"domestic violence",
    ),
    "health": (
        r"medical\w*",
        r"medic(?:ations?|ines?)",
        r"diagnos(?:is|es|ed)",
        r"surg(?:er(?:y|ies)|ical|eons?)",
        r"hospital(?:s|i[sz]\w+)?",
        r"mris?",
        r"x-?rays?",
        r"treatments?",
        r"therap(?:y|ies|ists?)",
        r"chiropract\w*",
        r"doctors?",
        r"disabilit(?:y|ies)",
        r"disabled",
        r"mesotheliomas?",
        r"asbestos",
        r"(?:hernia |pelvic )?mesh",
        r"cancers?",
        r"talc\w*",
        r"broken (?:leg|arm|neck|back|bones?)",
        r"pain",
    ),
    "claims": (
        r"lawsuits?",
        r"the suit",
        r"su(?:ed|es|ing)",
        r"litigat\w*",
        r"defendants?",
        r"plaintiffs?",
        r"settlements?",
        r"settl(?:ed|ing)",
        r"claims? against",
        r"your claims?",
        r"insurance(?: claims?)?",
        r"insurers?",
        r"adjusters?",
        r"compensation",
        r"work(?:er|ers|man|mens?)\W{0,2} ?comp",
        r"ssdi?",
        r"ssi",
        r"payouts?",
        r"money owed",
        r"debts?",
        r"bankruptc(?:y|ies)",
        r"foreclos\w*",
        r"evict\w*",
        r"probate",
        r"case (?:numbers?|status|updates?)",
    ),
    "courts": (
        r"court (?:dates?|hearings?|orders?|appearances?|cases?)",
        r"in court",
        r"hearings?",
        r"depositions?",
        r"trials?",
        r"verdicts?",
        r"mediation",
        r"arbitration",
        r"subpoena\w*",
    ),
    "crime": (
        r"arrest(?:s|ed)?",
        r"criminal",
        r"d\.?u\.?i",
        r"d\.?w\.?i",
        r"owi",
        r"felon(?:y|ies|s)?",
        r"misdemeanou?rs?",
        r"charges against",
        r"jail(?:ed)?",
        r"prison",
        r"warrants?",
        r"bail",
        r"probation",
        r"parole",
    ),
    "family": (
        r"divorc\w*",
        r"custody",
        r"child support",
        r"alimony",
        r"paternity",
        r"adoptions?",
        r"restraining orders?",
        r"ex-(?:wife|husband)",
    ),
    "immigration": (
        r"immigration",
        r"deport\w*",
        r"green cards?",
        r"asylum",
        r"your visa",
        r"undocumented",
    ),
    "Spanish": (
        r"accidentes?",
        r"choques?",
        r"lesion(?:es|ad[oa]s?)?",
        r"herid[oa]s?",
        r"demand(?:as?|ad[oa]s?)",
        r"victimas?",
        r"violacion",
        r"cirugias?",
        r"medic[oa]s?",
        r"tratamientos?",
        r"terapias?",
        r"(?:el|su|del) seguro",
        r"aseguradoras?",
        r"indemnizacion",
        r"compensacion",
        r"juicios?",
        r"audiencias?",
        r"tribunal(?:es)?",
        r"en la corte",
        r"divorcios?",
        r"custodia",
        r"manutencion",
        r"bancarrota",
        r"desalojo",
        r"deportacion",
        r"inmigracion",
        r"migratori[oa]",
        r"asilo",
        r"delitos?",
        r"carcel",
        r"fianza",
    ),
}
_REVEALS = re.compile(
    rf"\b(?:{'|'.join(word for words in _REVEALING.values() for word in words)})\b", re.IGNORECASE
)
# "Smith v. Walmart"; a capital V is somebody's initial.
_PARTIES = re.compile(r"(?<=\S )vs?\.? (?=[A-Z{])")
# The same words where they tell nothing of a matter: directions, addresses, manners, a firm's name.
_IN_A_NAME = r"(?!(?:Your|Our|My|His|Her|About|On|From|The|News|Re|Update)\b)[A-Z][\w'-]*,?"
_HARMLESS = re.compile(
    r"(?i:\bif(?: this is)?(?: an?)? medical\b)"
    r"|(?i:\bmedical emergenc(?:y|ies)\b|\b(?:disability|disabled) (?:access\w*|parking)\b)"
    r"|(?i:\bby accident\b|\bbail us out\b|\bhearing (?:from|back|aids?|impaired)\b)"
    r"|(?i:\bhard of hearing\b|\bfree trial\b|\bno pain\b)"
    r"|\bMedical (?:Center|Plaza|Arts|Park|Building|Tower)\b"
    r"|\b\d+ (?:[A-Z]\w* ){1,4}(?:Street|St|Lane|Ln|Drive|Dr|Avenue|Ave|Road|Rd|Boulevard|Blvd|Way|"
    r"Plaza|Parkway|Pkwy|Court|Ct|Place|Pl|Square|Highway|Hwy)\b"
    rf"|\b{_IN_A_NAME}(?: (?:&|and|{_IN_A_NAME})){{1,6}}? "
    r"(?:Lawyers?|Attorneys?|Law|Legal|LLP|LLC)\b"
)
_FIELDS_OF_OTHERS = re.compile(
    r"\[\[[^\]]{0,60}\]\]|<<[^>]{0,60}>>|«[^»]{0,60}»|%[a-z_][\w.]{0,60}%|\{\{\s*\w[^}]{0,60}\}\}",
    re.IGNORECASE,
)

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("\f^{}\\[~]|€")
_ONE_PART, _ONE_WIDE_PART = 160, 70
_STOP = re.compile(r"\bstop\b", re.IGNORECASE)


def complaint(template: str, *, most: int) -> str | None:
    """Why these words may not be said, in one sentence; None when they may.

    `most` is the number of characters that fit.
    """
    if len(template) > most:
        return f"it has {len(template)} characters, and at most {most} can be sent"
    told = _revealed(template)
    return (
        _of_another_system(template)
        or _filled_otherwise(template)
        or (told and f"it says {told!r}, and {_WHY} (ABA Model Rule 1.6)")
    )


def _of_another_system(template: str) -> str | None:
    foreign = _FIELDS_OF_OTHERS.search(template)
    return foreign and (
        f"it holds {foreign[0]!r}, a field of another system that nobody fills in: {_FILLED_IN}"
    )


def _filled_otherwise(template: str) -> str | None:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return f"its braces don't match: {_FILLED_IN}"
    if any(form or conversion for _, _, form, conversion in parts):
        return f"it fills fields in with a form of their own: {_FILLED_IN}"
    odd = sorted({name for _, name, _, _ in parts if name is not None} - FIELDS)
    return f"it would fill in {{{odd[0]}}}, and {_WHY}: {_FILLED_IN}" if odd else None


def _revealed(template: str) -> str | None:
    """The first word that tells of a matter, found also under accents and hidden characters."""
    seen = "".join(
        one
        for one in unicodedata.normalize("NFKD", template)
        if unicodedata.category(one) not in {"Mn", "Cf", "Me"}
    )
    rest = _HARMLESS.sub(" ", seen)
    told = _REVEALS.search(rest) or _PARTIES.search(rest)
    return told and told[0]


def filled(template: str, *, firm: str, phone: str) -> str:
    """The words with the firm's name and number filled in."""
    return template.format(firm=firm, phone=phone)


def doubts(template: str) -> list[str]:
    """What a text should better say or leave out, in sentences for the operator."""
    found = []
    if "{firm}" not in template:
        found.append("it doesn't say who writes: {firm} is missing")
    if _STOP.search(template) is None:
        found.append("it names no way to opt out, such as: Reply STOP to opt out")
    wide = next((one for one in template if one not in _GSM | _GSM_DOUBLE), None)
    length = sum(2 if one in _GSM_DOUBLE - set("{}") else 1 for one in template)
    if wide is not None:
        found.append(f"{wide!r} makes a part of the text hold 70 characters instead of 160")
    if length > (_ONE_PART if wide is None else _ONE_WIDE_PART):
        found.append(f"with {length} characters it is sent, and billed, in several parts")
    return found
