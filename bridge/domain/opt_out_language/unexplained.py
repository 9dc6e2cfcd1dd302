"""The net below all others: a word of contact beside a negation or a complaint.

Whatever no phrase has understood may still mean "leave me alone" in words that nobody thought of.
Such a text suspends until a human has looked, unless something explains it: it wants contact, it
is about somebody else, or it tells of a call that did not come.
"""

from bridge.domain.opt_out_language.english_words import CONTACT, CONTACTED, WORDS_SENT
from bridge.domain.opt_out_language.phrases import YOU, pattern, patterns

_TOUCH = (
    rf"(?:{CONTACT}|{WORDS_SENT}|{CONTACTED}|voicemails?|notifications?|hear(?:ing)? from you|"
    r"reach(?:ing)? me|robo\w+|talk(?:ing)? to (?:me|you)|emails?|emailing)\b"
)
_NO = (
    r"(?:not|no|never|stop|quit|cease|enough|refuse|remove|delete|unwanted|tired|sick|fed up|sue|"
    r"lawsuit|block|knock|done|without|hate|illegal|annoying)\b"
)
_COMPLAINT = (
    r"(?:stop|quit|enough|no more|never|unwanted|annoying|harass\w*|spam|illegal|unacceptable|"
    r"ridiculous|unwelcome|not (?:welcome|ok|okay|wanted|cool|appreciated|allowed)|must end|need "
    r"to end|have to end|has to (?:end|stop)|out of hand|getting old|too much|block\w*|driving me "
    r"(?:crazy|insane|nuts)|pissing me off|nonsense|bullshit|over it|invasion)\b"
)
UNEXPLAINED_ENGLISH = patterns(
    rf"\b{_NO}(?: \w+){{0,4}} {_TOUCH}",
    rf"\b{_TOUCH}(?: \w+){{0,4}} {_COMPLAINT}",
)
_OTHERS = (
    r"he|she|they|them(?! (?:texts|calls|messages))|him|her|his|their|theirs|adjusters?|insurance|"
    r"insurer|driver|doctors?|dr|hospital|nurse|clinic|ex|landlord|collectors?|collections?|boss|"
    r"employer|geico|allstate|progressive|state farm|police|officer|witness|court|judge|school|"
    r"bank|trucker|neighbor|lady|guy|chiropractor|therapist|facebook|scammers?|telemarketers?|"
    r"mechanic|shop|dealer|rental|hr|manager|work comp|medicare|medicaid|other (?:side|party|firm|"
    r"lawyer|attorney|driver|company)|pharmacy|billing|creditors?|medical|provider|friend|coworker|"
    r"someone|somebody|people who"
)
_GOT = (
    r"(?:get|got|getting|receive|received|see|seen|hear|heard|called|texted|reach|reached|answer|"
    r"answered|return|returned|respond|responded|find|found|able|sure|know|make|made|miss|missed|"
    r"read|understand|remember|notice|noticed|pick|picked|check|checked|work|working|show|open)"
)
_VERB = r"(?:call|text|message|contact|reach|phone|email|write|answer)"
EXPLAINED_ENGLISH = pattern(
    rf"\b(?:{_OTHERS})\b",
    # A call that did not come, did not get through, was not answered.
    r"\b(?:did|have|has|had|could|can|was|were|will|would|does|do|am|are|is) not (?:been |be |even "
    rf"|ever |yet |really |just )*{_GOT}\b",
    r"\bnever (?:\w+ )?(?:got|received|heard|called|texted|contacted|answered|returned|saw|mind|"
    r"spoke|met|had|came|reached|call back|text back)\b",
    r"\b(?:got|received|have|had|see|saw|getting|get|there (?:is|was|were|are)|still|with|been) no "
    rf"(?:\w+ )?{_TOUCH}",
    rf"\bno (?:\w+ )?{_TOUCH}(?: (?:yet|back|from|so far|received|today|since|or|for|was|were|all|"
    r"in|order|came|again today|history|on my|here|about))",
    r"\b(?:nobody|no one|none of you|why|how come)\b",
    # One's own calls, and phones.
    r"\bi (?:do not|no longer) (?:have|use|own)\b",
    r"\bi (?:do|did|can|could|will|would|have|am|was) not (?:able to |going to |usually |really |"
    rf"even |ever |always |mean to |trying to )*{_VERB}(?:ed|ing)?\b",
    r"\bi(?: (?:never|stopped|quit|forgot to|tried to|will|can|could|may|might|must|should|need to|"
    rf"have to|want to|going to|would|was|am|just|already))+ {_VERB}(?:ed|ing)?\b(?! {YOU} to)",
    rf"\b(?:without|before|after|stop|enough) {_VERB}ing (?:him|her|them|you|the|my|a)\b",
    # Contact that is wanted.
    r"\b(?:do not|never|not to) (?:forget|hesitate|fail|wait|be afraid|worry|mind|stop|give up|"
    r"need to (?:wait|apologize))\b",
    r"(?<!not )(?<!never )(?<!ever )(?<!to )(?<!even )(?<!you )\b(?:call|text|message|contact|"
    r"email) (?:me|us)(?! (?:again|any ?more|ever))\b",
    r"\b(?:please |can you |could you |will you |would you |you can |someone )(?:please "
    rf")?{_VERB}\b",
    r"\b(?:call|text|calling|texting|write|get) (?:me |you |us )?back\b|\blet me know\b|\bno "
    r"(?:problem|worries|rush|hurry)\b|\bmissed (?:your|a|the|my) call\b",
    rf"\b{YOU} (?:guys )?(?:did|have|has|had|do|never|could|can|would) ?(?:not|never)? (?:ever |"
    rf"even |really )*{_VERB}(?:ed|s)?\b(?! {YOU})",
    r"\bno need to (?:call|text)(?: me)? (?:back|now|today|yet)\b",
    r"\b(?:if|when|once|until|unless|whether|because) (?:i|you|we|it)\b",
    r"\bthere (?:is|was|were|are)\b|\ba no\b|\baccident(?:al)?ly\b|\b(?:that|it|which|letter|text) "
    r"(?:says|said)\b",
    # Questions
    r"\b(?:should|can|may|do|did|could|am|would|must|will|was) i\b|\bis (?:it|this|that|there)\b|"
    r"^(?:who|what|when|where|which)\b",
    # The same words otherwise
    r"\b(?:this|my|the|a|new|old|another|cell) phone\b|\b(?:and|while) (?:drive|driving)\b|"
    r"\bcall(?:ed|ing|s)? (?:it|off|in|out|a|an|the|my|for|911|this)\b|\bcontact (?:lens\w*|"
    r"info\w*|list|card|form|with|number|person)\b|\bmade contact\b|\b(?:close|roll|on|first|last|"
    r"conference|phone|next|video) calls?\b|\bcall (?:center|log|button|light|time)\b|"
    r"\btext(?:ing)? (?:and|while|a|the|my|him|her|them)\b|\b(?:last|wrong|previous|accidental|"
    r"voice|that|this|my|right|error) (?:text|message|msg)\b|\bso called\b|\bbug(?:s|ging)?\b(?! "
    r"me)|\bhit(?:ting)?\b(?! me up)|\bbothers?(?:ing)?\b(?! (?:me|us)\b)|\bbother you\b|"
    r"\bwrit(?:e|ing)\b(?! (?:to )?me)|\b(?:pain|neck|back|knee|shoulder|leg|hip|arm|hand|it|that|"
    r"this) (?:\w+ ){0,3}bother\w*\b",
)

_SEND_SPANISH = (
    r"(?:llam(?:en?|es|ar(?:me)?|and?o(?:me)?|adas?)|escrib(?:an?|as|ir(?:me)?|iendo(?:me)?)|"
    r"mensajes?|textos?|text(?:een?|ear(?:me)?|eando)|contact(?:en?|es|ar(?:me)?|o)|molest(?:en?|"
    r"es|ar(?:me)?|ando(?:me)?)|comunicarse|comuniquen(?:se)?)\b"
)
UNEXPLAINED_SPANISH = patterns(
    r"\b(?:no|nunca|jamas|ni|basta|dejen?|paren?|alto|cansad[oa]|hart[oa])(?: \w+){0,3} "
    rf"{_SEND_SPANISH}",
)
EXPLAINED_SPANISH = pattern(
    r"\b(?:ha|han|he|hemos|habia|recib\w+|puedo|pude|podia|podemos|pudo|llamaron|escribieron|llego|"
    r"llegaron|tengo|tenia|hay|hubo|contest\w+|ent(?:ien|en)d\w+|se leer|funciona|vi|leo|lei|"
    r"encuentro|encontre|olvid\w+|dud\w+|se (?:como|si|cuando)|quien|cuando|por que|porque|si)\b",
    r"\b(?:seguro|aseguradora|ajustador\w*|doctor\w*|hospital|jefe|patron|espos[oa]|hij[oa]|ex|"
    r"chofer|conductor|ella|ellos|policia|abogado de|clinica|escuela|banco|colector\w*|otro)\b",
    r"\b(?:llamen?me|escribanme|escribame|me puede|pueden|favor de|esper\w+|dej(?:e|o) (?:un|el|"
    r"mi))\b",
)
