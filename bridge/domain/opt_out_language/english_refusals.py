"""English refusals as people write them in anger, and as those write who know the law."""

from bridge.domain.opt_out_language.english_words import (
    AGAIN,
    CONTACT,
    CONTACTED,
    CONTACTS,
    FAMILY,
    ME,
    STOPS,
    WORDS_SENT,
)
from bridge.domain.opt_out_language.phrases import YOU, patterns

_ORDINAL = r"(?:second|third|fourth|fifth|last|final|umpteenth|hundredth|\d+(?:st|nd|rd|th)?)"
_TO_STOP = (
    r"(?:to |please |just )*(?:stop|quit|leave (?:me|us) alone|take me off|remove me|lose my "
    rf"number|(?:not to|do not|never) {CONTACTS})\b"
)
_CONSENT = r"(?:consent|permission|authorization)"
_NOT_THAT_CONSENT = (
    r"(?!(?: \w+){0,4} (?:forms?|medical|records|hipaa|surgery|treatment|hospital|doctor|settle\w*|"
    r"release|school|trip)\b)"
)
_WANTS_NOT = r"(?:do not|does not|no longer) (?:wants?|wish|need|like)(?: for)?"
REFUSALS = patterns(
    # third time telling you to stop; I told you people twice already, quit
    rf"\b{_ORDINAL} (?:and (?:last|final) )?(?:times?|request|notice|warning|message|text|call) "
    rf"(?:(?!the\b|them\b|him\b|her\b|his\b|their\b|my\b|a\b)\w+ ){{0,6}}{_TO_STOP}",
    rf"\b(?:i|we) (?:have |already |just )*(?:told|asked|begged|warned|telling|asking) {YOU}(?: "
    r"(?:this|already|before|twice|once|\d+|x|so|many|a|few|several|multiple|times?|again|"
    rf"repeatedly|nicely|politely|and))* {_TO_STOP}(?! (?:by|in|over|at)\b)",
    r"\bhow many (?:more )?times (?:do|must|did|should|will|have) (?:i|we) (?:have |need |got "
    rf")?(?:to )?(?:tell|ask|say|text|told|asked|said)(?: {YOU})?(?=$| (?:to |that )?(?:stop|quit|"
    r"no|this|it|not|leave)\b)",
    r"\b(?:what|which) part of (?:stop|no|do not|leave me)\b",
    rf"\bget {YOU} to (?:stop|leave me alone)\b",
    # tell your system to quit texting me
    rf"\b(?:tell|have|make|get|ask) your (?:\w+ ){{1,3}}?(?:to )?(?:{STOPS} (?:\w+ )?{CONTACT}|"
    r"(?:leave me alone|remove me|take me off|lose my number))\b",
    # enough with the texts; sick and tired of your calls; tired of you texting me
    r"\b(?:enough|done|over it|fed up|sick|tired|had it) (?:with|of|from|getting)(?: (?:all|the|"
    r"these|this|those|them|your|you|people|guys|being|getting|receiving|damn|fucking|stupid|"
    rf"constant|endless|so|many|already|robo|spam))* (?:{WORDS_SENT}|{CONTACTED})(?! (?:you|the|"
    r"them|him|her|your|around|and getting|in and|with no|from (?!you|your))\b)(?: (?:me|already|"
    r"now|please))*",
    rf"\b(?:sick|tired|fed up)(?: and tired)? (?:of|with) (?:all )?{YOU} (?:always |constantly "
    rf")*{CONTACTS}\b",
    rf"\b{YOU} (?:just |always |really |all )*(?:keep|kept|will not stop|never stop|constantly|are "
    rf"still|still)(?: on)? {CONTACTS} {ME}",
    # revoke any prior express consent
    r"\b(?:revok(?:e|es|ed|ing)|revocation of|withdraw(?:s|ing|n|al of)?|rescind(?:s|ed|ing)?|"
    r"retract(?:ed|ing)?)(?: (?!the\b|his\b|her\b|their\b|medical\b|hipaa\b)\w+){0,7} "
    rf"{_CONSENT}\b{_NOT_THAT_CONSENT}",
    rf"\b(?:my|our|any|all|prior|express|written) {_CONSENT}(?: (?:to|for) (?:\w+ ){{0,4}}\w+)? "
    r"(?:is|has been|was|are) (?:hereby |now |formally )*(?:revoked|withdrawn|rescinded|terminated|"
    r"denied)\b",
    rf"\bdo not have (?:my|our|any) (?:\w+ ){{0,2}}{_CONSENT}(?=$| (?:to (?:{CONTACT}|send|reach|"
    r"keep)|for (?:this|these|any))\b)",
    r"\b(?:do not|no longer|never) (?:consent|authorize|agree|permit) (?:to )?(?:\w+ "
    rf"){{0,5}}(?:{CONTACTED}|{WORDS_SENT})\b(?! (?:from|about|with) (?!you))",
    r"^(?:this (?:is|text is|message is|serves as)|consider (?:this|it)|take this as)(?: (?:my|our|"
    r"your|a|an|the|formal|official|written|final|last|legal|only))* (?:(?:formal|official|written|"
    r"final|last|legal|only) (?:request|notice|demand|warning)(?! (?:for|from|of (?:the|my))\b)|"
    r"revocation|opt ?out|cease and desist)\b",
    r"\b(?:notified|instructed|directed|ordered|warned|demand|request) (?:that )?(?:you )?(?:to "
    r")?(?:immediately |please )?(?:cease|desist|discontinue|refrain)\b",
    rf"\bany (?:further|future|more|additional|other) {WORDS_SENT} (?:\w+ ){{0,5}}(?:will|shall|is|"
    r"are|must|constitutes?|may)\b",
    r"^(?:no|do not) (?:solicit\w*|soliciting)\b",
    # I don't want to talk to you; nothing to do with you
    r"\b(?:do not|no longer|never) (?:want|wish|care|need|like) (?:to )?(?:ever )?(?:talk|speak|"
    r"communicate|deal|chat|be in (?:contact|touch)|have (?:any )?contact|do business) (?:to|with) "
    rf"(?:{YOU}|any of you|this firm|your (?:firm|office|company|people)|any ?(?:one|body))(?= "
    r"(?:any more|again|ever|at all|period|please)|$)",
    r"\b(?:do not want|want) (?:nothing|anything|any more)(?: more| else)?(?: to do)? (?:with|"
    rf"from) (?:{YOU}|this|your)\b",
    r"\b(?:do not|no longer|never) (?:want|wish|like|care) to (?:receive|get|be getting) (?:these|"
    rf"this|those|them|anything)(?: {AGAIN})?$",
    r"\b(?:do not|no longer|never) (?:want|wish|like) (?:to be )?on (?:this|your|any|the|a) (?:\w+ "
    r")?list\b",
    # he does not want you texting him
    rf"\b(?:(?:my|our|the) (?:{FAMILY}|client)|he|she|they|we) {_WANTS_NOT} (?:{YOU} (?:to "
    rf")?{CONTACTS}(?: (?:him|her|them|us|me|my \w+))?|your {WORDS_SENT}|(?:any more |these |any "
    rf")(?:{WORDS_SENT})$|to (?:hear from|talk to|speak to|speak with) {YOU}|to be {CONTACTED})\b",
    rf"\b{_WANTS_NOT} {YOU} (?:to )?{CONTACTS} (?:him|her|them)\b",
    rf"^{STOPS} {CONTACTS} (?:my {FAMILY}|him|her|them|everyone|people)\b",
    rf"\bdo not (?:even )?bother (?:to )?(?:{CONTACTS}|with)\b",
    r"^(?:cut it out|knock it off|quit)\b(?=$| with)",
    rf"\bleave (?:my {FAMILY}|him|her|them|us|me and my \w+) (?:the \w+ )?alone\b",
    rf"\b(?:take|remove|delete|get) (?:my {FAMILY}|him|her|them)(?: \w+)? (?:off|from|out of) "
    r"(?:your|these)\b",
    # a way out is looked for
    rf"\bhow (?:do|can|would) (?:i|we|you) (?:make|get) (?:this|these|it|{YOU}) (?:\w+ )?(?:to "
    rf")?stop(?=$| {CONTACT})",
    r"^(?:get|take) (?:this|my) (?:number|phone|name) (?:off|out)\b",
    r"\b(?:appreciate|prefer|rather|wish|love|grateful|thankful|great|nice)(?: it)? (?:if "
    rf")?(?:that )?{YOU} (?:would |could |just |please )*(?:stop(?:ped)?|quit|(?:left|leave) me "
    rf"alone|(?:did |do )?not {CONTACTS})(?=$| (?:{CONTACTS}|{ME}|{AGAIN}|now|please))",
    rf"^(?:i (?:would )?(?:prefer|rather)|please) no (?:more |further )?{WORDS_SENT}$",
    # anger
    r"^(?:gtfo|stfu|shut (?:the \w+ )?up|kick rocks|get a life|eat shit|kiss my \w+|bug off|back "
    r"off|go fuck yourself|get off my (?:phone|line|back)|get out of my (?:phone|life))$",
    r"^(?:report(?:ed|ing)|mark(?:ed|ing)) (?:this|you|your number|(?:this )?(?:as|for) (?:spam|"
    r"junk|harassment))\b(?! (?:the|my|to the police))",
    rf"\b{YOU} (?:are|have been|got) (?:now )?blocked\b|\b(?:blocking|blocked) {YOU}\b",
    r"\b(?:this|it|that) is (?:\w+ ){0,2}harassment\b|\byou are (?:in violation|violating)\b",
    rf"^(?:i )?never (?:gave|give|gives) {YOU} (?:\w+ )?{_CONSENT}\b",
    rf"\b{CONTACTS}(?: {ME})? without my (?:\w+ )?{_CONSENT}\b",
    r"^(?:i )?(?:just )?want out$|^(?:i have |have |there is )?(?:no|zero) interest(?: at all| in "
    r"(?:this|it|these|you\w*|any(?:thing)?|your .*|talking.*|speaking.*|hearing.*|a lawyer))?$",
    r"^(?:i am |we are )?not interested in (?:any|your) (?:\w+ )?(?:services?|firm|help|offers?)$",
    r"^(?:my )?consent (?:is |has been )?(?:hereby )?(?:revoked|withdrawn|rescinded|denied)\b",
    rf"\b{STOPS} {CONTACTS} (?!my (?:work|old|house|home|job|office|other)\b)(?:my \w+|his|her|"
    r"their|our) (?:\w+ )?(?:phone|cell|number|line)\b",
    r"\b(?:chill|ease up|lay off|back off|cool it|let up) (?:out )?(?:with|on) (?:the|these|your|"
    rf"all) {WORDS_SENT}",
    rf"\bare {YOU} (?:still |always |even )?(?:harassing|bothering|spamming|stalking) (?:me|us)\b",
    r"\b(?:do not|no longer) (?:want|need) (?:these|those|any of (?:this|these))$",
    # threats
    rf"\bif {YOU} (?:\w+ ){{0,2}}{CONTACT} .*\b(?:sue|suing|report|complaint|police|lawsuit|"
    r"harassment|attorney general|fcc|ftc|court)\b",
    rf"\b(?:one more|1 more|next|another|any more) {WORDS_SENT} .*\b(?:sue|suing|report\w*|"
    r"complaint|police|lawsuit|court|harassment)\b|^(?:next|one more) (?:text|call|message)(?: is "
    r"a| equals)? lawsuit$",
    rf"\bi (?:will|am going to|am) su(?:e|ing) {YOU}\b|\byou (?:have |got )+(?:one|1) more (?:time|"
    r"chance)\b",
    # what is asked for, in other words
    r"\b(?:take|remove|get) it (?:off|from|out of) your\b",
    rf"\bmake (?:these|the|this|those|your|all) (?:\w+ )?{WORDS_SENT} stop\b",
    r"\b(?:get|getting|be|being) (?:taken |removed )?(?:off|from) (?:of )?(?:this|your|the (?:call|"
    r"text|contact|mailing)) (?:\w+ )?lists?\b",
    r"\b(?:ask|asking|request\w*|demand\w*|want|like|wish|need) (?:\w+ ){0,4}to be (?:removed|"
    r"taken off|left alone)\b(?! from (?!your|this))|\brequest(?:ing)? (?:\w+ )?removal\b|"
    r"\bremoval from your\b",
    r"^i (?:already )?said no$|\bafter i (?:already )?said (?:no|stop)$|^(?:my|the) answer is no$|"
    r"^do not ask (?:me )?again$",
    rf"\b(?:he|she|my {FAMILY}) (?:says?|said|wants|asked|asks|told me)(?: me)?(?: to (?:tell|ask) "
    rf"{YOU})? (?:to |for {YOU} to )?(?:stop|quit) {CONTACTS} (?:him|her|us|me|my \w+)\b",
    rf"\bcease (?:\w+ ){{0,3}}(?:attempts|efforts|communicat\w*|{WORDS_SENT}|contacting)\b",
    r"\bopt(?:ing)? out of (?:all|any|these|this|everything|further|future) (?:\w+ "
    rf")?(?:{WORDS_SENT}|contact)\b",
    rf"\bi object to (?:these|your|any|being|{YOU}|further|this) (?:\w+ ){{0,2}}(?:{WORDS_SENT}|"
    rf"{CONTACTED}|{CONTACT})\b",
    rf"\b(?:{CONTACT}|keep {CONTACT})(?: {ME})? (?:again |one more time |1 more time )and (?:see|i|"
    rf"ill|watch|you)\b|\bkeep {CONTACT}(?: {ME})? and (?:see|i|ill|watch|you)\b",
    rf"^{YOU} are (?:\w+ )?(?:annoying|harassing|scammers?|spammers?|a scam|pests?|creepy|pathetic|"
    r"stalking)\b",
    rf"\b(?:my {FAMILY}) (?:says?|said) (?:to )?(?:stop|quit|do not) {CONTACTS} (?:him|her|us|me|"
    r"my \w+)\b",
    r"\byou will (?:be )?hear(?:ing)? from my (?:lawyer|attorney)\b|\bviolat\w+ (?:of )?(?:the "
    r")?(?:tcpa|dnc|do not call|fdcpa|my rights)\b",
    rf"\b{YOU} are (?:about to be|being|getting) blocked\b|^(?:spam|scam|blocked|blocking) (?:and "
    r")?report(?:ed|ing)$",
    rf"\b{YOU} keep {CONTACTS}(?= (?:it is|this is|and i)|$)|^{STOPS} blowing (?:me|us) up\b",
)
