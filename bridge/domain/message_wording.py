"""Checks that texts and prompts don't reveal a person's legal matter: others may see or hear them.

A text shows on a locked phone, a voicemail plays in a kitchen
(docs/reference/law.md#confidentiality: ABA Model Rule 1.6). So only the firm's name and number are
filled in, and words that reveal a matter are refused.
"""

import re
from string import Formatter

from bridge.domain.folding import without_accents

FIELDS = frozenset({"firm", "phone"})
_FILLED_IN = "only {firm} and {phone} are filled in"
_WHY = "whoever sees or hears it must not learn what it is about"

# By subject. They are written without accents, as a template is folded first.
_REVEALING = (
    # What happened
    r"accidents?|(?:car |truck )?crash(?:es|ed)?|collisions?|wreck(?:s|ed)?|"
    r"slip(?:s|ped)?(?: |-)and(?: |-)fall|fall at|dog bites?|injur\w*|wrongful \w+|"
    r"assault(?:s|ed)?|abus(?:es?|ed|ers?|ive)|molest\w*|rap(?:e[ds]?|ist)|sexual\w*|"
    r"victims?|harass\w*|discriminat\w*|negligen\w*|malpractice|overdose|domestic violence|"
    # Health
    r"medical\w*|medic(?:ations?|ines?)|diagnos(?:is|es|ed)|surg(?:er(?:y|ies)|ical|eons?)|"
    r"hospital(?:s|i[sz]\w+)?|mris?|x-?rays?|treatments?|therap(?:y|ies|ists?)|chiropract\w*|"
    r"doctors?|disabilit(?:y|ies)|disabled|mesotheliomas?|asbestos|(?:hernia |pelvic )?mesh|"
    r"cancers?|talc\w*|broken (?:leg|arm|neck|back|bones?)|pain|"
    # Claims
    r"lawsuits?|the suit|su(?:ed|es|ing)|litigat\w*|defendants?|plaintiffs?|settlements?|"
    r"settl(?:ed|ing)|claims? against|your claims?|insurance(?: claims?)?|insurers?|"
    r"adjusters?|compensation|work(?:er|ers|man|mens?)\W{0,2} ?comp|ssdi?|ssi|payouts?|"
    r"money owed|debts?|bankruptc(?:y|ies)|foreclos\w*|evict\w*|probate|"
    r"case (?:numbers?|status|updates?)|"
    # Courts
    r"court (?:dates?|hearings?|orders?|appearances?|cases?)|in court|hearings?|depositions?|"
    r"trials?|verdicts?|mediation|arbitration|subpoena\w*|"
    # Crime
    r"arrest(?:s|ed)?|criminal|d\.?u\.?i|d\.?w\.?i|owi|felon(?:y|ies|s)?|misdemeanou?rs?|"
    r"charges against|jail(?:ed)?|prison|warrants?|bail|probation|parole|"
    # Family
    r"divorc\w*|custody|child support|alimony|paternity|adoptions?|restraining orders?|"
    r"ex-(?:wife|husband)|"
    # Immigration
    r"immigration|deport\w*|green cards?|asylum|your visa|undocumented|"
    # Spanish
    r"accidentes?|choques?|lesion(?:es|ad[oa]s?)?|herid[oa]s?|demand(?:as?|ad[oa]s?)|"
    r"victimas?|violacion|cirugias?|medic[oa]s?|tratamientos?|terapias?|(?:el|su|del) seguro|"
    r"aseguradoras?|indemnizacion|compensacion|juicios?|audiencias?|tribunal(?:es)?|"
    r"en la corte|divorcios?|custodia|manutencion|bancarrota|desalojo|deportacion|"
    r"inmigracion|migratori[oa]|asilo|delitos?|carcel|fianza"
)
_REVEALS = re.compile(rf"\b(?:{_REVEALING})\b", re.IGNORECASE)
# "Smith v. Walmart"; a capital V is an initial.
_PARTIES = re.compile(r"(?<=\S )vs?\.? (?=[A-Z{])")
# The same words where they reveal nothing: directions, addresses, courtesies, a firm's name.
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
_FOREIGN_FIELDS = re.compile(
    r"\[\[[^\]]{0,60}\]\]|<<[^>]{0,60}>>|«[^»]{0,60}»|%[a-z_][\w.]{0,60}%|\{\{\s*\w[^}]{0,60}\}\}",
    re.IGNORECASE,
)

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("\f^{}\\[~]|€")
_SEGMENT, _WIDE_SEGMENT = 160, 70
_STOP = re.compile(r"\bstop\b", re.IGNORECASE)


def wording_problem(template: str, *, most: int) -> str | None:
    """What is wrong with a text or prompt, in one sentence; None when nothing is.

    `most` is the number of characters that fit.
    """
    if len(template) > most:
        return f"it has {len(template)} characters, and at most {most} can be sent"
    word = _revealing_word(template)
    return (
        _foreign_field(template)
        or _field_problem(template)
        or (word and f"it says {word!r}, and {_WHY} (ABA Model Rule 1.6)")
    )


def _foreign_field(template: str) -> str | None:
    found = _FOREIGN_FIELDS.search(template)
    return found and (f"it contains {found[0]!r}, a field of another system: {_FILLED_IN}")


def _field_problem(template: str) -> str | None:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return f"its braces don't match: {_FILLED_IN}"
    if any(form or conversion for _, _, form, conversion in parts):
        return f"it has a field with a format of its own: {_FILLED_IN}"
    odd = sorted({name for _, name, _, _ in parts if name is not None} - FIELDS)
    return f"it has the field {{{odd[0]}}}, and {_WHY}: {_FILLED_IN}" if odd else None


def _revealing_word(template: str) -> str | None:
    """The first word that reveals a matter, whatever accents and hidden characters it has."""
    rest = _HARMLESS.sub(" ", without_accents(template))
    found = _REVEALS.search(rest) or _PARTIES.search(rest)
    return found and found[0]


def fill_in(template: str, *, firm: str, phone: str) -> str:
    """The template with the firm's name and number filled in."""
    return template.format(firm=firm, phone=phone)


def voicemail_suggestions(template: str) -> list[str]:
    """How a voicemail could be improved, in sentences for the operator."""
    found = []
    if "{firm}" not in template:
        found.append("it doesn't say who has called: {firm} is missing")
    if "{phone}" not in template:
        found.append(
            "it names no number to call: add {phone}, which is TWILIO_FROM_NUMBER, where whoever "
            "calls can opt out by key 9"
        )
    return found


def suggestions(template: str) -> list[str]:
    """How a text could be improved, in sentences for the operator."""
    found = []
    if "{firm}" not in template:
        found.append("it doesn't say who is writing: {firm} is missing")
    if _STOP.search(template) is None:
        found.append("it offers no way to opt out, such as: Reply STOP to opt out")
    wide = next((char for char in template if char not in _GSM | _GSM_DOUBLE), None)
    length = sum(2 if char in _GSM_DOUBLE - set("{}") else 1 for char in template)
    if wide is not None:
        found.append(f"with {wide!r} in it, each segment holds only 70 characters instead of 160")
    if length > (_SEGMENT if wide is None else _WIDE_SEGMENT):
        found.append(f"its {length} characters are sent, and billed, as several segments")
    return found
