"""English phrases that say "wrong number", as patterns for one clause.

They count only when people say them of themselves and of this phone: "the report has the wrong
number" and "I am not hurt" are ordinary words. A name is recognized by its capital letter after a
"not" without one.
"""

from bridge.domain.opt_out_language.phrases import CAPITALIZED, NAME, YOU, patterns

_SORRY = (
    r"(?:sorry|no|nope|hi|hello|hey|um|i think|think|i believe|i am afraid|this is|it is|"
    r"that is|who is this|uh|yo|you are|ok)"
)
DENIALS = patterns(
    rf"^(?:{_SORRY} )*(?:(?:{YOU}|your) (?:must |may |might |probably )?(?:are |have )?(?:have|got|"
    r"reached|called|texted|dialed|messaged|contacted|texting|calling|contacting) )?"
    r"(?:you have )?(?:the |a )?(?:wrong|incorrect|mistaken) (?:number|person|phone|phone number|"
    r"cell|guy|lady|man|woman|girl|dude|party|no)(?: (?:sorry|lady|sir|maam|bro|dude|buddy|man|"
    r"again|lol|please|pls|stop|remove|delete|thanks|thank you|here|you have|this is|this number|"
    r"do not|i am not|for)\b.*)?$",
    r"\byou (?:have|got) (?:the )?wrong (?:number|person)$",
    r"^(?:stop|unsubscribe) (?:you have )?(?:the )?wrong (?:number|person)$",
    # who is not here
    r"^(?:there is )?(?:nobody|no one|no person) (?:here )?(?:by|with|of|under) (?:that|this) name"
    r"(?: (?:here|lives here|at this (?:number|phone|address)|has this number))*$",
    r"\bdo not know (?:anyone|anybody|any one|a person|any person|who) "
    r"(?:by|with|of|named) (?:that|this) name\b",
    rf"^(?:sorry )?(?:i )?do not know (?:an? |any|anyone|anybody|any one)(?:(?:named|called|by the "
    rf"name of) |\b ?){NAME}$",
    rf"^(?:there is )?(?:no|(?:nobody|no one)(?: here)? (?:named|called)) {NAME}"
    r"(?: lives)?(?: here| at this (?:number|phone)| with this number)+$",
    rf"^(?:there is )?(?:nobody|no one)(?: here)? (?:named|called) {NAME}$",
    rf"^my name is (?-i:not|NOT) {NAME}$",
    rf"^this (?:used to be|was) {NAME}(?: old)? number\b",
    r"^this number (?:was|has been|got) reassigned\b",
    # who this is not
    rf"^(?:sorry )*(?:this|it|that) is (?-i:not|NOT|no longer) {NAME}(?: any ?more| sorry| here)*$",
    rf"^(?:sorry )*i am (?-i:not|NOT) {NAME}(?: any ?more| sorry)*$",
    rf"^(?:{_SORRY} )*(?-i:not|Not) {CAPITALIZED}$",
    r"^(?:this is )?not me$",
    r"^i am not (?:that|the) (?:person|guy|man|woman|lady)(?: (?:you|you are) .*)?$",
    r"^this is not (?:that|the) (?:person|number) (?:you|you are) (?:looking|trying|want)\b.*$",
    # whose number this is not
    r"\bthis is (?:not|no longer) (?:\w+s|her|his|their) (?:phone|number|cell)(?: number)?\b",
    rf"^(?:{NAME}|he|she|they) (?:does not|do not|no longer) (?:have|has|use|uses|own|owns) this "
    r"(?:phone|number|cell)\b",
    r"^this (?:phone )?(?:number|phone) (?:now )?(?:belongs to (?:someone|somebody|me|another)|"
    rf"(?:does not|no longer) belongs? to|is (?:no longer|not) {NAME})",
    r"^(?:this )?(?:phone )?number (?:has )?changed owners?$",
    rf"^(?:{NAME}|he|she) (?:does not|no longer) lives? here\b",
    r"^(?:this is|it is|that is) not (?:my|the right) (?:number|person|case)$|"
    r"^not (?:my|the right) (?:number|person|case|name)$",
    r"\b(?:new|different) (?:owner|person) (?:of|has|with) this (?:number|phone)$",
    r"^(?:\w+ )?(?:i )?(?:have )?(?:just|only|recently) got this (?:new )?(?:phone )?"
    r"(?:number|phone)(?! from| off)(?: (?:today|yesterday|last|this|a|two|few|and|it|who)\b.*"
    r")?$",
)
