"""English phrases that opt out, as patterns for one clause."""

from bridge.domain.opt_out_language.endings import ENDED_ENGLISH, HYPOTHETICAL_ENGLISH
from bridge.domain.opt_out_language.english_refusals import REFUSALS
from bridge.domain.opt_out_language.english_words import (
    AFTER_MANNERS,
    AGAIN,
    CONTACT,
    CONTACTS,
    FAMILY,
    FROM_YOU,
    LIST,
    MANNERS,
    ME,
    MY_NUMBER,
    STOPS,
    TIME,
    WITNESS_OR_OTHER_LIST,
    WORDS_SENT,
)
from bridge.domain.opt_out_language.limits import LIMITED_ENGLISH, NEGATED_ENGLISH
from bridge.domain.opt_out_language.phrases import YOU, Phrases, messages, pattern, patterns
from bridge.domain.opt_out_language.unexplained import EXPLAINED_ENGLISH, UNEXPLAINED_ENGLISH
from bridge.domain.opt_out_language.wrong_number import DENIALS

_STRONG = patterns(
    # stop calling me; please quit texting this number
    rf"\b{STOPS} (?:all |ever |robo |fucking |the |with |trying to )*{CONTACTS} {ME}",
    rf"\b(?:{STOPS} trying|do not try) to (?:reach|contact|call|text|find) {ME}",
    # stop calling; cease contact with my client; stop sending these; end the messages
    rf"\b{STOPS} (?:all |the |these |those |your |any |with |sending |making |getting |receiving |"
    rf"robo |automated |damn |fucking |stupid |me |my |us )*(?:{CONTACTS}|{WORDS_SENT}|"
    r"these|stuff|sending)"
    r"(?=$| (?:already|now|please|right now|asap|immediately|for(?:ever| good)|i|we|or|and|you|"
    r"because|before i|everyone|about|thanks?|ok|with (?:me|us|my client)|to (?:me|us|this|my)|"
    r"any ?more|again|from|wrong|stop|remove|every|all|24|me|period)\b)",
    # don't call me (about this) again; never contact us any more
    rf"\b(?:do not|never)(?: you| ever| even| dare| be)* {CONTACTS} {ME}(?=.{{0,60}}\b{AGAIN})",
    rf"\bnever(?: ever)? {CONTACTS} {ME}",
    rf"\b(?:do not|never)(?: you| ever)* {CONTACTS} {AGAIN}(?= (?:please|{AGAIN}|about|for)|$)",
    rf"\bdo not (?:contact|call|text) {ME} (?:directly|for any|without (?:a|an|my) "
    r"(?:lawyer|attorney|permission|consent))\b",
    r"\bdo not hit (?:me|us) up\b",
    # take me off your list
    r"\b(?:take|remove|delete|get|erase|scratch|drop|strike|pull|removed|taken) "
    rf"(?:{MY_NUMBER} )?(?:off|from|out of) (?!{WITNESS_OR_OTHER_LIST})"
    rf"(?!(?:\w+ ){{1,2}}{WITNESS_OR_OTHER_LIST}){LIST}",
    rf"^(?:take|get) (?:{MY_NUMBER}|us) off(?: this)?$",
    rf"^(?:remove|delete|erase|forget|lose|block) {MY_NUMBER}$",
    r"\b(?:lose|forget|erase) (?:my|this|the|our) (?:phone )?number\b",
    r"^i want off(?: of)? (?:this|your|the) list\b",
    rf"\b(?:put|add|place) {MY_NUMBER} (?:on|to) (?:your|the|a) (?:do not (?:call|contact|text)|"
    r"dnc)\b",
    r"\bi am on the (?:national )?(?:do not call|dnc) (?:list|registry)\b",
    # don't send me any more messages
    rf"\bdo not (?:ever )?send (?:me |us )?(?:any |more |these |those |your )*(?:{WORDS_SENT}|"
    r"anything (?:else|more))\b",
    # leave me alone
    r"\bleave (?:me|us) (?:the \w+ |the fuck )?(?:alone|be)\b(?! (?:time|with|in|there|for|at))",
    r"\blet (?:me|us) (?:be|alone)$",
    # no more texts
    rf"(?:^|\b(?:want|and|please|said) )no (?:more|further) {WORDS_SENT}\b",
    # consent
    r"^(?:i |i am |hereby )*(?:revok(?:e|ing)|withdraw(?:ing)?)(?: my| all| any)* (?:consent|"
    r"permission)(?: given| immediately| (?:to|for) (?:you to |be |receive |all |any |future )*"
    r"(?:contact|call|text|messag)\w*.*)?$",
    rf"^i (?:do not|did not|no longer|never) consent(?:ed)? to (?:be |being |receive |receiving |"
    rf"get |getting |these |this |any |your )*(?:{WORDS_SENT}|contacted|called|texted|this)$",
    rf"^(?:i |we )?(?:never|did not) (?:signed? up|consent(?:ed)?|agreed?|ask(?:ed)?|opt(?:ed)? in)"
    rf" (?:for|to) (?:this|these|that|your|any|receive|be)(?: {WORDS_SENT}| contacted| called)*$",
    # unsubscribe, opt out
    r"^(?:un ?su[bs]\w*) (?:me|us|from|this|all|please|my (?:wife|husband|number|phone))\b",
    rf"^(?:i |i am )?opt(?:ing)? (?:me )?out(?: (?:of|from) (?:all |these |your |the |any )*"
    rf"(?:{WORDS_SENT}|everything|all|this|this list))?$",
    rf"^(?:how (?:do|can) i|(?:i (?:would like|want|wish|need|am asking)|id like)(?: {YOU})? to) "
    rf"(?:unsubscribe|opt out|be (?:removed|taken off|left alone)|get off (?:this|your|the) list|"
    rf"stop (?:all |these |the |this |your |receiving |getting )*{WORDS_SENT})"
    r"(?: (?:from|of) (?:this|your|these|the|all)(?: \w+)?)?(?: please)?$",
    r"^(?:i )?(?:have )?(?:already )?opted out(?: already)?$",
    r"^let me (?:opt out|unsubscribe)$",
    # I don't want you to call me; I no longer wish to receive texts; don't want calls
    rf"\b(?:do not|no longer|never) (?:want|wish|like|care)(?: for)? {YOU} (?:to )?{CONTACTS}"
    rf"(?= {ME}| {AGAIN}|$)",
    rf"\brather {YOU} (?:did|do) not {CONTACTS} {ME}",
    r"\b(?:do not (?:want|wish|like|care)|no longer (?:want|wish|care)|(?:prefer|want|like|rather) "
    rf"not) (?:to )?(?:be |being )?(?:contacted|called|texted|"
    rf"messaged|bothered)(?: or \w+)?{FROM_YOU}(?: {AGAIN}| at all| please)*$",
    r"\b(?:do not|no longer|never) (?:want|wish|like|care|need)(?: to)?(?: (?:receive|receiving|"
    r"further|get|getting|have|hear|for|any|more|of|these|those|your|all|the|services?|help|or|"
    rf"and))* {WORDS_SENT}"
    rf"{FROM_YOU}(?: {AGAIN}| at all| please)*$",
    rf"\b(?:do not|no longer|never) (?:want|wish|care) to hear from {YOU}\b",
    r"\b(?:do not|no longer) (?:want|need) your (?:services?|help|firm)(?: any more| to represent"
    r" me)?$",
    r"^i (?:do not|no longer) (?:want|need) (?:a |an )?(?:lawyer|attorney)(?: any more)?$",
    # not interested
    r"^(?:i am |we are )?(?:really |just |very )?(?:not|no longer) interested(?: any ?more| at all|"
    r" thanks?.*| stop.*| remove.*| please.*| in (?:pursuing (?:this|it|the case|a case|my case|"
    r"anything)|(?:talking|speaking)(?: (?:to|with) you)?|(?:your|the) (?:services?|firm|help)|"
    r"(?:a|any) (?:lawyer|attorney)))*$",
    # stop, asked for in a sentence
    r"^(?:i (?:have )?(?:said|repeat)|(?:i )?(?:have )?(?:already )?(?:told|asked|am telling|"
    rf"am asking) {YOU}(?: already)? to|{YOU} (?:\w+ )?(?:need|have|must|better|got)(?: to)?|"
    rf"(?:can|could|would|will) {YOU}|how many times (?:\w+ ){{2,7}}(?:to|say)|"
    rf"i (?:want|need|would like|demand|wish)(?: {YOU})? to|make it) (?:please |just )?"
    r"(?:stop|quit it|opt out|unsubscribe)(?: this| it| already| now| please)*$",
    r"^(?:i )?(?:have )?(?:already )?(?:texted|sent|replied|typed|wrote|said)(?: you)?"
    r"(?: already)? stop(?: already| before| \w+ times)?$",
    r"\b(?:lawyer|attorney|counsel|represented|interested|spam|already|enough|unsubscribe) "
    r"(?:\w+ ){0,2}stop$",
    r"^(?:stop|quit) (?:it|this|both|everything|all|all of (?:it|this)|it all)$",
    r"^stop (?:this|the|that|your) (?:nonsense|harass\w*|shit|crap|bs|bullshit|foolishness)\b",
    rf"^(?:stop|end|quit|cancel) (?:all |the |these |this |your |my )*{WORDS_SENT}$",
    r"^stop (?:or|before) i(?:ll)?\b",
    r"^stop (?:i|we)(?: (?:am|have|already|do|did|got|will|hired|found|said|told)\b|$)",
    r"^stop (?:this|these) (?:is|are) (?:the )?(?:\w+ )?(?:time|harass\w*|spam)\b",
    r"^(?:cease and desist|cease (?:all )?(?:contact|communications?))\b",
    # anger and threats
    r"^(?:fuck|screw|f|piss|buzz) (?:off|you)\b",
    r"^(?:go to hell|get lost|go away)$",
    rf"^{YOU} (?:are|keep) harassing me\b",
    r"\bi (?:will|am going to) report you\b|\bill report you\b",
    r"\breported to the (?:fcc|bar|ftc)\b",
    rf"\breport(?:ed|ing)? {YOU} to the (?:fcc|ftc|bbb|bar|state bar|attorney general|better "
    r"business bureau)\b",
    r"^(?:i am |i will |ill |going to |i am going to )*block(?:ing|ed)? (?:you|this number|"
    r"your number)\b",
)

_WEAK = patterns(
    rf"\bdo not(?: ever| be)? {CONTACTS}(?: {ME})?(?: back| or my \w+)?(?: (?:at|on) this "
    r"(?:number|phone))?$",
    rf"\b(?:can|could|would|will) {YOU} (?:please )?not {CONTACTS}(?: {ME})?$",
    r"^(?:do not|never) (?:reply|respond|talk)(?: to (?:me|us|this number))?$",
    rf"^no {WORDS_SENT}(?: (?:or|and|no) (?:no )?{WORDS_SENT})?$",
)

_ABOUT_OTHERS = pattern(
    # somebody else is told: tell the adjuster to, get them to; want the insurance to
    r"\b(?:tell|tells|told|telling|ask|asked|asks|asking|get|gets|got|getting|wants?|wanted|needs?|"
    r"needed|trying|wish)(?: (?!you\b|your\b)\w+){1,6} to$",
    r"\b(?:tell|tells|told|telling|asked|warned) (?!your?\b)(?!.*\byou\b)\w+",
    r"\b(?:wants?|trying|tried|threatened|decided|going) to$(?<!i want to)(?<!i wanted to)"
    r"(?<!i am going to)",
    # somebody else says it
    r"\b(?!i\b|we\b|lawyer\b|attorney\b|have\b|already\b|you\b|just\b)\w+ (?:said|says|saying)\b",
    r"\b(?:make|makes|made|making|help|let) (?!your?\b)(?:\w+ ){0,3}\w+$",
    r"\b(?:letter|order)(?: \w+){0,4} to$",
    r"\bhave (?:them|him|her|the|that|state)\b(?: \w+){0,3}$",
    # somebody else does it, or doesn't
    r"\b(?:will|would|can|could|did|does|to|should) not$|(?<!you )\bdo not$|\bnever$",
    r"\b(?:he|she|they|it|them|him|when|until|after|will|did|does|keeps?|refuses? to|refused to|"
    r"doctors?|adjusters?|insurance)$",
    r"(?<!that )(?<!request )(?<!ask )(?<!prefer )\byou$(?<!can you)(?<!could you)(?<!will you)"
    r"(?<!would you)(?<!want you)(?<!need you)(?<!not you)(?<!thank you)",
    r"\b(?!you\b|guys\b|people\b|folks\b|really\b|just\b|all\b|i\b|we\b|please\b)\w+ "
    r"(?:needs?|has|have|had|ought|should|must|better)(?: to)?$",
)
_LIMITS = pattern(
    rf"\b(?:before|after) {TIME}",
    r"\b(?:until|till)\b(?! hell)",
    r"\bbetween\b",
    r"\bduring\b",
    r"\bat (?:work|my (?:work|job|office)|night\b(?! and)|school|church|lunch|dinner)\b",
    r"\bat \d{1,2}(?: \d\d)?(?: ?[ap]m)?(?= [a-z]|$)",
    r"\b(?:while|when) (?:i|we|he|she|my|the|at)\b(?! am alive| want)",
    r"^ ?about (?!this\b|that\b|it\b|my (?:case|claim|accident|injury)\b|the (?:case|accident)\b|"
    r"anything\b|your\b)",
    r"\bon (?:mon|tue|wed|thu|fri|sat|sun|week|my (?!phone|cell|number)|the (?:weekend|sabbath)|"
    r"holidays?|shabbat)",
    r"\b(?:so|this|too|that) (?:early|late|often|much|many|week|morning|afternoon|evening)\b",
    r"\b(?:early|late|twice|today|tonight|tomorrow)\b(?! and)",
    r"\b\d+ times?\b",
    r"\bin the (?:morning|evening|afternoon|middle)\b",
    r"\bunless\b(?!.*\b(?:court|subpoena|warrant|judge|police)\b)",
    r"\bwithout (?:calling|texting|a (?:heads|text|warning|call)|notice|warning)\b",
    r"\b(?:call|text|email|write|mail) (?:me )?(?:instead|only)\b|\b(?:and|but) (?:just )?"
    r"(?:call|text|email)\b",
    r"^ ?to my (?:old|work|email|wife|husband|mom|mother|job|house)\b",
    r"^ ?every (?:hour|morning|night|day|week|single)\b",
    r"^ ?then\b",
    r"\bby (?:email|mail|letter|phone|text|fax)\b(?! (?:or|and))",
    r"\b(?:weekends?|weekdays?|mornings|evenings|afternoons|nights)\b",
)
# Whatever stands beside it, all contact is refused: "at work or anywhere".
_UNLIMITED = pattern(
    r"\bor (?:my (?:cell|phone)|any ?where|any ?place|any ?time|at all|at home|home|(?:on |at "
    r")?any (?:other )?"
    r"(?:number|phone|place|time))\b",
    r"\b(?:any ?where|at all|ever again|period|no matter)\b",
    r"\b(?:not|no longer) interested\b|\bleave me alone\b|\b(?:last|final) warning\b|"
    r"\b(?:i will|going to) (?:sue|report|block)\b",
)
_OTHERS_BEHIND = pattern(
    r"^ ?from (?!you|your|this|any|different|all|every|here|now)",
    r"^ (?:him|his|them(?! texts| calls)|their|her|dr|doctor)\b",
    r"^ the (?!phone|number|house|office|firm|texts|calls|messages)",
)
_OTHER_MEANINGS = pattern(
    # stop calling me Mike
    r"\bcall(?:ing)? (?-i:me) (?:(?-i:(?!\w+day\b|After|Again|Any|At|Back|Be|If|In|La|Next|Now|On|"
    r"Pl|"
    r"Tom|Ton|When)[A-Z][a-z]+)|(?:a|an|the|mr|mrs|ms|miss|sir|maam|by|crazy|"
    r"honey|names|stupid)\b)",
    # one's own calls, which one is sorry for
    r"\b(?:sorry|hate|apologize|apologies) (?:to|for|about) (?:be |keep |always |keep on "
    rf")?{CONTACT}\b|\b(?:ill|i "
    rf"will|let me|i) (?:stop|quit) {CONTACT} you\b|\bhope i am not {CONTACT}\b",
    # complaints of too little contact
    r"^(?:(?:why|how come|but|so|do) )*you (?:guys |all |people )?(?:never|do not) (?:call|text|"
    r"contact|answer)",
    r"\bof the (?:class|settlement|deposition|arbitration)\b",
    rf"\bdo not (?:call|contact|text) my (?!phone|cell|number|line|work|job|house|home|office|old|"
    rf"employer|boss|landline|{FAMILY})",
    r"^(?!how).*\b(?:should|do|did) i\b.*\bopt out\b",
)

_WHOLE_MESSAGES = messages("""
arret | block | blocked | cancel all | cancel everything | cancel it | cancel subscription
| cancel this | delete me | delete my info | discontinue | dnc | do not call list | end all
| end it | end this | enough | enough already | exit | i revoke | make it stop
| no more | opting out | quit it | remove | remove me | reply stop | send stop | sotp | spam
| st0p | stoop | stop 2 end | stop it | stop sending | stop to end | stop to opt out
| stop2end | stop2stop | stopp | stopstop | stpo | stpp | sttop | text stop
| this is harassment | un subscribe | unsub | unsubcribe | unsubscibe | unsubscribe me
| unsubscribed | unsuscribe
""")

ENGLISH = Phrases(
    lead=pattern(rf"^(?:(?:{MANNERS}) )+"),
    tail=pattern(rf"(?: (?:{AFTER_MANNERS})){{1,8}}$"),
    whole_message=_WHOLE_MESSAGES,
    strong=_STRONG,
    strong_in_short=REFUSALS,
    weak=_WEAK,
    wrong_number=DENIALS,
    about_others=_ABOUT_OTHERS,
    limits=_LIMITS,
    unlimited=_UNLIMITED,
    offered=pattern(
        r"\b(?:text|texts|email|write|voicemail)(?: me)?(?: instead| only| please| but| and| "
        r"just)*$",
        r"^(?:please |just |only |you can )*(?:calls?|texts?|emails?|write)(?: me)?(?: only| "
        r"please| instead)*$",
    ),
    others_behind=_OTHERS_BEHIND,
    limited=LIMITED_ENGLISH,
    negated=NEGATED_ENGLISH,
    ended=ENDED_ENGLISH,
    hypothetical=HYPOTHETICAL_ENGLISH,
    unexplained=UNEXPLAINED_ENGLISH,
    explained=EXPLAINED_ENGLISH,
    other_meanings=_OTHER_MEANINGS,
    reasons=pattern(
        r"\b(?:lawyer|attorney|counsel|represented|hired|stop|again|interested|remove|no longer|"
        r"fired|wrong|ever|police|report|sue|thank you|thanks|goodbye|bye)\b"
    ),
    another_channel=pattern(
        r"^(?:(?:just|please|only|you can|better) )*(?:text|email|call|use|write|mail|send|reach|"
        r"contact|leave|message)\b",
        r"^(?:i will|ill|i am (?:at|in|driving|busy|on|with|working|sick)|instead|my (?:new|voice|"
        r"phone|cell|work)|only|until|later|wait|this is my|it is (?:my|late|early))\b",
    ),
)
