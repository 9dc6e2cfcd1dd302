"""English words that the phrases of every table are made of."""

from bridge.domain.opt_out_language.phrases import NAME, YOU

CONTACT = (
    r"(?:text(?:ing|s)?|call(?:ing|s)?|messag(?:e|es|ing)|contact(?:ing)?|bother(?:ing)?|"
    r"writ(?:e|ing)|phon(?:e|ing)|harass(?:ing)?|spam(?:ming)?|bug(?:ging)?|pester(?:ing)?|"
    r"annoy(?:ing)?|disturb(?:ing)?|robo ?call(?:ing|s)?|hound(?:ing)?|stalk(?:ing)?|"
    r"solicit(?:ing)?|dial(?:ing)?|messing with|"
    r"blowing up|blowing (?:me|us) up|hit(?:ting)?(?: up)?|reach(?:ing)? out(?: to)?)"
)
CONTACTS = rf"{CONTACT}(?: (?:or|and|nor) (?:{CONTACT}|email(?:ing)?)){{0,3}}"
CONTACTED = r"(?:contacted|called|texted|messaged|bothered|harassed|spammed|solicited|phoned)"
WORDS_SENT = (
    r"(?:text messages?|texts?|(?:phone )?calls?|messages?|messaging|texting|calling|sms|"
    r"robo ?calls?|robo ?texts?|contact|communications?|correspondence|spam|solicitations?|"
    r"soliciting)"
)
FAMILY = (
    r"(?:husband|wife|hubby|spouse|partner|mom|mother|dad|father|parents?|son|daughter|kids?|"
    r"children|brother|sister|grandma|grandmother|grandpa|grandfather|family|fiancee?|boyfriend|"
    r"girlfriend|aunt|uncle|cousin)"
)
ME = (
    r"(?:me|us|(?:my|this|our|the) (?:phone|number|cell|house|line|person|phone number|"
    r"cell phone)|my client)\b"
)
AGAIN = r"(?:again|any more|ever|no more|any longer|further)\b"
STOPS = (
    r"(?:stop|quit|cease(?: and desist)?(?: from)?|desist(?: from)?|refrain from|discontinue|halt|"
    r"knock off|lay off)"
)
MANNERS = (
    r"please|just|hi|hey|hello|no|nope|nah|naw|ok|okay|yes|yo|sir|maam|sorry|thanks|thank you|"
    r"look|listen|like|bruh|fr|for real|wtf|wth|smh|(?:i )?(?:already )?(?:said|told you(?: all| "
    r"guys)?)(?: that)?|lady|buddy|pal|people|idk(?: (?:who|what) (?:this|you|it) "
    r"(?:is|are))?|"
    r"who ?ever (?:this|you) (?:is|are)|"
    r"again|and|so|but|then|also|guys|you (?:all|guys|people)|seriously|actually|well|um|now|dude|"
    r"bro|man|omg|ugh|enough|for (?:the love of )?(?:god|gods sake)|"
    r"for the (?:\w+ ){0,2}time|as i said|i repeat|good (?:morning|afternoon|evening)|first|"
    rf"(?:this is|it is|i am) {NAME}(?: here)?"
)
AFTER_MANNERS = (
    r"already|now|bye|fr|asap|immediately|right (?:now|away)|please|thanks|thank you(?: very much| "
    r"so much)?|and thank you|sir|maam|ok|"
    r"okay|bro|dude|man|"
    r"buddy|guys|god bless(?: you)?|damn\w*|sorry"
)
LIST = (
    r"(?:(?:of )?(?:your|my|the|this|that|these|those|all|any) )?(?:[\w]+ )?"
    r"(?:lists?|systems?|data ?bases?|records|contacts|directory|texts?|messag(?:es|ing)|"
    r"calls?|texting|calling|notifications?|threads?)\b"
)
WITNESS_OR_OTHER_LIST = r"(?:witness|guest|policy|lease|medication|waiting|wait|title) "
MY_NUMBER = (
    r"(?:me|(?:my|this|our) (?:(?:cell|phone|home|contact) )?(?:name|number|info|information|"
    r"details|phone))"
)
FROM_YOU = rf"(?: (?:from|by) (?:{YOU}|this|your) ?\w*)?"
DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
TIME = (
    r"(?:\d|noon|midnight|work|lunch|dinner|dark|school|church|hours|surgery|my|the|his|her|then|"
    r"tomorrow|next|mon|tues|wednes|thurs|fri|satur|sun|five|six|eight|nine|ten|i (?:get|am|call|"
    r"leave|go))"
)
