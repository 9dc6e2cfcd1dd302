"""Phrases that limit contact: to an hour, a channel, a number, a measure.

"Don't call before noon" is no opt-out, and it isn't mere words either: whoever calls at nine has
ignored it. Some phrases limit by themselves; others negate contact and become a limit by what
follows them ("don't call" … "before noon": `Phrases.limits`).
"""

from bridge.domain.opt_out_language.english_words import (
    CONTACTED,
    CONTACTS,
    DAY,
    FAMILY,
    ME,
    WORDS_SENT,
)
from bridge.domain.opt_out_language.phrases import YOU, patterns

_LATER = (
    r"(?:(?:before|after|between|past|around|at|from|until|by) (?:like |about |around "
    r")?(?:\d{1,2}\b(?! \d{3})|noon|midnight|work|lunch|dinner|school|church|hours|five|six|seven|"
    rf"eight|nine|ten|{DAY}|tomorrow|that|then|i (?:get|am))|later|tomorrow|tonight|another (?:day|"
    rf"time)|some other (?:day|time)|next (?:week|month|{DAY})|in (?:the (?:morning|afternoon|"
    r"evening)|an hour|half an hour|a (?:few|couple|bit|while|week|month)|(?:\d+|two|three) )|on "
    rf"(?:{DAY}|the weekend|weekends|my day off)|(?:this|{DAY}) (?:morning|afternoon|evening)|"
    rf"{DAY}|(?:on )?weekends?|(?:on )?weekdays|evenings?|mornings?|afternoons?|during (?:the "
    r"(?:day|week)|lunch|business hours|my)|when i (?:get|am) (?:off|home|out|back|done|finished)|"
    r"then)\b"
)
_HOURS_AND_MANNERS = (
    r"(?: (?:pm|am|p m|a m|oclock|o clock|please|only|is|best|better|works?|ok|good|fine|for|me|to|"
    rf"call|text|est|cst|pst|et|ct|\d+|and|or|on|{DAY}|weekdays|weekends|tomorrow|today))*$"
)
_WORKPLACE = (
    r"(?:(?:my |the )?(?:job|work(?:place)?|office|employer|boss|house phone|home phone|landline|"
    r"land line|work (?:phone|number|line)|old (?:phone|number)|home number|home|house)\b)"
)
_WRITTEN = r"(?:text|texts|texting|emails?|emailing|mail|letters?|whatsapp)"
_NOBODY_ELSES = r"(?<!\bi )(?<!we )(?<!he )(?<!she )(?<!they )(?<!the )(?<!was )(?<!not )(?<!my )"

LIMITED_ENGLISH = patterns(
    # no calls at work; stop calling my job; please don't call my mom
    rf"\b(?:do not|never|stop|quit|no(?: more)?) {CONTACTS} (?:me )?(?:at |on |to )?{_WORKPLACE}",
    rf"\b(?:do not|never) {CONTACTS} my {FAMILY}\b",
    rf"^no (?:more )?{WORDS_SENT} (?:at|before|after|between|during|until|on|in the|while i|so "
    r"(?:early|late)|past|to my|from \d|unless)\b",
    r"(?<!\bi )\b(?:do not|never|stop|quit) (?:use|using) (?:this|my) (?:\w+ )?(?:number|phone|"
    r"email)\b",
    # text only; only e-mail me; text, don't call
    rf"\b{_NOBODY_ELSES}(?:{_WRITTEN}|calls?|phone|voicemails?)(?: messages?)? only\b",
    rf"\b{_NOBODY_ELSES}only (?:by |through |via |use )?(?:{_WRITTEN}|calls?|phone|contact|reach|"
    r"message|write|communicate)\b(?! (?:him|her|them|he|she|they|you|i)\b)",
    rf"\b(?:prefer|rather) (?:to )?(?:\w+ ){{0,3}}(?:{_WRITTEN}|emailed|texted|calls?|called|"
    r"phone)\b(?= (?:over|instead|rather|than|please|only|me|no|not)|$)",
    r"\b(?:text|email|call|message|write|mail)(?: me| us)?(?: please)? (?:rather than|instead of|"
    r"not|do not|and not|no) (?:call|calls|calling|text|texts|texting|phone|email|emails|leave)\b",
    r"^(?:please |just |so |then |can you |could you )*(?:call|text|email|use|try|mail|write|"
    r"message)\b(?: \w+){0,6} instead\b",
    r"\b(?:do not|no|never|stop) (?:call\w*|phon\w*|text\w*|email\w*)(?: me)?(?: (?:just|only|"
    r"please|but|and))* (?:text|email|mail|write|message)(?: me)?\b",
    rf"\b{_WRITTEN} (?:is|are|would be|works) (?:\w+ )?(?:best|better|easier|preferred|"
    r"preferable)\b",
    r"\bin writing (?:only|please)|\bonly in writing\b|^(?:communicate|contact me|reach me) in "
    r"writing\b",
    # no voicemails; stop emailing me
    r"\b(?:do not|never|stop|quit) (?:leave |leaving |send |sending )(?:me |us )?(?:any |a |more |"
    r"these |your |the |so many )*(?:voicemails?|voice messages?|messages?|emails?|letters)(?= "
    r"(?:at|on|with|in|please|any ?more|ever|to)|$)",
    r"\bno (?:more )?(?:voicemails?|voice messages|emails?|letters)(?= (?:please|at|on|ever|any)|"
    r"$)",
    r"^(?:stop|quit|do not) email(?:ing|s)?(?: me| us)?(?= (?:any ?more|again|please|at|so)|$)",
    # call me tomorrow; after 5; not before noon; evenings only
    r"(?:^|\b(?:please|just|can you|could you|would you|will you|you can|better|should|so|and|but|"
    r"then|work|busy|driving|meeting|class|asleep|sleeping|here|now) )(?:please |just |only |maybe "
    r")*(?:call|text|try|ring|phone|contact|reach|message|talk)(?: (?:me|us|back|again|to me|my "
    r"(?:cell|phone|work|home|house|other)(?: number| phone| line)?))*(?: (?:any ?time|sometime|"
    rf"some time|a (?:little|bit)|around|about|only|maybe))* {_LATER}",
    r"^(?:only |any ?time |sometime )*(?:before|after|between|past) (?:like |about |around "
    rf")?(?:\d{{1,2}}(?: ?[ap]m)?\b|noon|work|lunch|dinner|school){_HOURS_AND_MANNERS}",
    r"^(?:but |just |only |and )*not (?:before|after|until|till|in the (?:mornings?|evenings?|"
    r"afternoons?)|mornings|at (?:work|night|my job)|during|while i|on (?:weekends|sundays|my)|so "
    r"(?:early|late|often)|too (?:early|late))\b",
    rf"\b(?:evenings?|mornings?|afternoons?|weekends?|weekdays?|weeknights?|nights|{DAY}) "
    r"(?:only\b|(?:are|is|work) (?:the )?best|(?:are|is) better)",
    r"\b(?:call|text|contact|reach|available|free|phone|talk|calls|texts)(?: to)?(?: me)? only "
    r"(?:after|before|between|on|in the|during|at|evenings?|weekends?|weekdays?|mornings?|"
    rf"{DAY})\b",
    r"\bonly (?:available|free|reachable|home|able to talk) (?:after|before|between|on|in the|at|"
    rf"during|{DAY}|evenings|weekends)\b",
    r"^only (?:after|before|between|on weekends|in the (?:morning|evening|afternoon)|evenings|"
    r"mornings|weekends)\b",
    r"\b(?:best|better) times? (?:to (?:call|reach|contact|text|talk)(?! (?:you|to you|them|him|"
    r"her))|for (?:me|a call))\b",
    r"\b(?:not a good|a bad|bad) time\b",
    r"^(?:please |just |can you |could you )*(?:wait|hold off|give me)(?: \w+){0,4} (?:until|till|"
    r"a (?:few|couple)|days?|weeks?|months?|hours?|minutes?)\b",
    r"\b(?:can|could) only (?:talk|take calls|answer|text|speak|be reached)\b",
    r"\b(?:email|text|phone|mail) instead$|^use (?:email|text|mail|the portal)\b",
    r"\b(?:text|email|call|write|contact) me (?:\w+ ){0,3}from now on\b",
    r"\b(?:call|text|use) my (?:cell|mobile|home|work|\w+s)(?: (?:phone|number))?(?: please)? "
    r"(?:not|instead|only)\b|^not (?:my|the) (?:work|home|house|old|cell|office|job)\b",
    r"\b(?:use|call|text|try) (?:me (?:at|on) )?(?:my |the )?other (?:number|phone|cell)\b|\bdo "
    r"not (?:call|text) this (?:number|phone) (?:use|call|text|try)\b",
    r"\bcan not (?:do|take|hear|receive|get|answer|have) (?:\w+ )?(?:phone )?calls\b",
    r"\bplease (?:just |only )?(?:text|email)$|^email everything\b|\b(?:do not like|hate) "
    r"(?:talking|to talk|being) on the phone\b|\brather (?:talk|speak|be called)\b",
    r"^(?:just )?(?:text|email) please$|\beverything (?:by|via|in|through) (?:email|text|mail|"
    r"writing)\b",
    r"\b(?:call|reach|contact|text) me (?:on|at) my (?:\w+ )?(?:cell|phone|number|mobile|landline) "
    r"only\b|\b(?:cell|mobile|home|work|home phone|work phone) only\b|^not (?:right )?now$",
    rf"\b(?:so|and|but|please|then) no (?:more )?{WORDS_SENT} (?:at|before|after|between|during|"
    r"until|on|while i)\b",
    # less of it
    rf"\bslow down (?:with|on) (?:the|your|these) {WORDS_SENT}|\b(?:call|text)(?: me)? less\b",
    rf"\btoo (?:early|late) (?:to|for)(?: be)? {CONTACTS}",
    r"\bonly (?:one|1|two|2) (?:calls?|texts?) (?:a|per|every)\b|^once a (?:day|week|month) (?:is|"
    r"works)\b",
    r"\b(?:you (?:guys |all |always |just |keep |are )*)?(?:call|calls|calling|text|texts|texting|"
    r"contact)(?: me)? (?:me )?(?:way |far |so )?(?:too|so|less) (?:early|late|much|often|many)\b",
    r"\b(?:too many|so many|this many|fewer|less) (?:calls|texts|messages|texting|calling|phone "
    r"calls)\b",
    rf"\b(?:call|text|contact|{WORDS_SENT})(?: me)? (?:only )?(?:once|twice|one time) (?:a|per|"
    r"every) (?:day|week|month)\b",
)
NEGATED_ENGLISH = patterns(
    rf"\b(?:do not|never|stop|quit|not to|(?:can|could|would|will) {YOU} (?:please )?not|please "
    rf"not)(?: (?:ever|even|be|keep|try|trying|please|to|send|sending|me|any|more))* (?:{CONTACTS}|"
    rf"{WORDS_SENT})(?: {ME})?(?! my (?!phone|cell|number|line|house|home|work|job|office|old))",
    r"\b(?:do not|no longer) (?:want|need|like)(?: (?:to|get|getting|receive|receiving|be|being|"
    rf"any|more|your|{YOU}|all|these))* (?:{WORDS_SENT}|{CONTACTED})(?: (?:by|from) {YOU})?",
)

_SEND = (
    r"(?:llam(?:en?|es)|escrib(?:an?|as)|mand(?:en?|es)|envi(?:en?|es)|molest(?:en?|es)|"
    r"contact(?:en?|es)|text(?:een?|ees)|habl(?:en?|es)|marqu(?:en?|es))"
)
_SPANISH_DAY = r"(?:lunes|martes|miercoles|jueves|viernes|sabados?|domingos?)"
_SPANISH_LATER = (
    rf"(?:manana|mas tarde|luego|otro dia|(?:el|este|los) (?:proximo )?{_SPANISH_DAY}|la (?:otra|"
    r"proxima) semana|despues de (?:las? |medio)\w+|antes de (?:las? |medio)\w+|a las? (?:\d|una|"
    r"dos|tres|cuatro|cinco|seis|siete|ocho)|(?:en|por) la (?:tarde|noche|manana)|cuando salga|en "
    r"(?:un rato|una hora))"
)
_BY_TEXT = r"(?:(?:un |por )?(?:mensajes?|textos?|correos?|email|whatsapp|escrito))"
LIMITED_SPANISH = patterns(
    rf"\bno (?:me |nos )?{_SEND}(?: mas)? (?:al|en el|a mi|en mi) (?:trabajo|cel|celular|casa|"
    r"oficina)\b",
    rf"\bno quiero que (?:me |nos )?{_SEND} (?:al|en el|a mi|en mi) (?:trabajo|casa|oficina)\b",
    r"\b(?:llam(?:e|en|a)(?:me|nos)?|(?:puede|pueden|podria|podrian) llamar(?:me|nos)?|marqu(?:e|"
    rf"en)me|escrib(?:a|an)me|habl(?:e|en)me) {_SPANISH_LATER}\b",
    rf"\b(?:pueden?|podrian?) (?:llamar|escribir|hablar|marcar) {_SPANISH_LATER}\b",
    r"\b(?:solo|solamente|unicamente|mejor|prefiero) (?:por |mande(?:n|me|nme)? |envie(?:n|me|"
    rf"nme)? |con )?{_BY_TEXT}\b",
    r"\b(?:solo|solamente|mejor) (?:escrib|text|mand)\w*me\b",
    r"^no (?:antes|despues) de\b|^(?:solo )?(?:antes|despues) de las? \w+(?: por favor)?$",
    r"^no (?:me )?(?:dejen?|mand(?:e|en)|envi(?:e|en)) (?:mas )?(?:correos?|mensajes de voz|"
    r"buzon)\b",
    r"\bno (?:llamadas|mensajes|textos) (?:en el|al|en mi) trabajo\b|\bno (?:dejen?|deje) "
    r"mensajes? de voz\b",
    r"\b(?:demasiad[oa]s|tant[oa]s) (?:mensajes|llamadas|textos)\b",
)
NEGATED_SPANISH = patterns(
    rf"\bno (?:me |nos )?{_SEND}\b",
    rf"\bno quiero que (?:me |nos )?{_SEND}\b",
    r"\b(?:ya )?no (?:me |nos )?(?:llamar|escribir|textear)\b",
)
