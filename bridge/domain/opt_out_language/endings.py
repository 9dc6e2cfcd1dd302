"""Phrases that end what was between the person and the firm: another lawyer, a farewell, a death.

They ask for no opt-out in so many words. Whoever goes on calling all the same will be asked why.
"""

from bridge.domain.opt_out_language.english_words import FAMILY
from bridge.domain.opt_out_language.phrases import CAPITALIZED, NAME, YOU, pattern, patterns

_LAWYER = (
    r"(?:lawyers?|attorneys?|law firm|firm|counsel|representation|law office|legal (?:team|help|"
    r"counsel|representation))"
)
_THEY = (
    rf"(?:he|she|(?:my|our|her|his|the) (?:late |dear |poor )?(?:{FAMILY}|client)|mr \w+|mrs \w+|"
    rf"ms \w+|client|{NAME})"
)
_HOW = r"(?: (?:has|have|had|is|just|recently|sadly|unfortunately|already|now|also|sorry to say))*"
_NOT_IN_THE_ACCIDENT = (
    r"(?! (?:\w+ ){0,3}(?:accident|crash|wreck|collision|injuries|scene|impact|explosion|hospital "
    r"where)\b)(?! (?:out|on me|for|hard|last in|down)\b)"
)
_TOLD = r"(?:(?:inform|tell|telling|notify|let) you (?:know )?(?:that )?)?"
_CASE = r"(?:case|claim|lawsuit|file|suit|matter)"

ENDED_ENGLISH = patterns(
    # hired another attorney; went with somebody else
    r"\b(?:hired|hiring|retained|found|got|have|obtained|signed (?:up )?with|went with|going with|"
    r"gone with|chose|chosen|using|switched to|switching to|changed to|with|selected|picked)(?: "
    r"\w+)? (?:another|a new|a different|different|new|other|my own|our own|better) (?:\w+ "
    rf")?{_LAWYER}\b",
    r"\b(?:hired|found|retained|signed (?:up )?with|went with|going with|gone with|chose|using|"
    r"switched to)(?: with)? (?:someone|somebody|another|morgan)(?: else| and morgan| one| "
    r"firm)?(?= |$)",
    r"^(?:i |we )?(?:already |now |do |have )*(?:have|has|had|got|hired|retained|obtained)(?: "
    rf"already)? (?:a |an |my own |our own |legal |another |my )?{_LAWYER}(?: (?:already|now|for "
    r"(?:this|it|that)|on (?:it|this|the case)|handling.*|helping.*|thanks?.*|thank you.*|and .*|"
    r"so .*|who .*|working.*|taking.*|in .*))*$",
    r"^(?:i am |we are |am )?(?:already |now )?(?:being )?represented(?: (?:already|now|by .*|"
    r"elsewhere))?$",
    r"\b(?:changed|changing|switched|switching|swapped) (?:lawyers|attorneys|firms|law firms|"
    r"attorney|lawyer)\b",
    r"\b(?:i|we) (?:want|need|am getting|am looking for|are looking for) (?:a |an )?(?:new|another|"
    rf"different) {_LAWYER}\b",
    r"(?:^|\b(?:please|can|must|should|may|just|you) )(?:contact|call|talk to|speak (?:to|with)|go "
    r"through|refer to|(?:direct|refer|send|address|forward)\w* (?:\w+ ){1,4}(?:to|through)) my "
    r"(?:new )?(?:lawyer|attorney|counsel)(?: (?:instead|from now on|now|only|directly|please|with "
    r"any.*|for any.*|about .*|at .*))*$",
    r"\b(?:someone|somebody) else (?:is |who is )?(?:represent\w*|handling|helping me)\b",
    r"\b(?:is|are) (?:now )?my (?:new )?(?:lawyer|attorney)(?: now)$|\bis my new (?:lawyer|"
    r"attorney)\b",
    rf"\b(?:found|hired|retained|signed with|chose) (?:an?|our|my) (?:\w+ )?{_LAWYER}\b",
    r"\b(?:retained|signed with|went with|hired) (?:\w+ ){1,3}(?:law|firm|llp|attorneys|injury|"
    r"lawyers)\b",
    r"^(?:we are|i am) through$|^we are done$",
    # you are fired; done with you
    r"^(?:you are|you all are|consider yourself) fired$",
    r"\b(?:i|we)(?: (?:am|have|want|would|like|to|are|just|hereby|officially|going))* (?:fired|"
    rf"firing|fire) (?:{YOU}|your (?:firm|office))\b(?! up)",
    r"\b(?:i am|we are|am|so|^)(?: (?:so|just|all|totally|completely|officially))* ?(?:done|"
    rf"through|finished|over) (?:dealing )?(?:with )?(?:{YOU}|this (?:firm|company|law firm)|your "
    r"(?:firm|office|company|services|ass))(?! (?:said|told|have)\b)",
    r"^(?:we are|i am) done here$",
    r"\b(?:terminat|end|cancel|sever|dissolv)(?:e|ed|ing|ling|led)? (?:your|our|my|the|this|all) "
    r"(?:\w+ ){0,3}(?:services?|representation|agreement|contract|retainer|relationship|"
    r"engagement)\b(?! with (?!you))",
    r"\b(?:you|this firm) (?:no longer|do not|does not) represents? (?:me|us)\b",
    rf"\b{YOU} are (?:not|no longer) (?:my|our) (?:\w+ )?{_LAWYER}\b",
    r"\bi am (?:not|no longer) (?:your|a|one of your) clients?\b",
    r"\b(?:taking|take) (?:my|our) (?:business|case|claim) (?:elsewhere|somewhere else|to "
    r"(?:another|a different))",
    r"\b(?:part(?:ing)?|going our separate) ways\b|^(?:i am |we are )?going (?:elsewhere|with "
    r"someone else)$",
    r"\b(?:no longer|do not) need (?:a |an )?(?:lawyer|attorney|legal help|representation)\b",
    r"\b(?:decided to |going to )?(?:handle|handling|doing|do) (?:it|this|my case|the case|"
    r"everything|things) (?:myself|on my own|ourselves)\b",
    r"\b(?:decided to )?go(?:ing)? (?:in )?(?:another|a different) direction\b",
    r"\b(?:chosen|decided|choosing|chose) to (?:work|go|move|sign|stay) (?:forward )?with "
    r"(?:someone|somebody|another|a different)\b",
    rf"\bmy new {_LAWYER}\b|(?<!you )\b(?:is|are) (?:now )?(?:representing (?:me|us)|handling my "
    r"(?:case|claim))\b",
    r"\b(?:moved|moving|transferred|transferring|took|taking) (?:my|our) (?:case|file|claim) to\b|"
    r"\b(?:took|has) (?:over )?my (?:case|claim)$",
    rf"\b(?:do not|no longer) (?:want|need) (?:{YOU}|your firm) (?:to (?:represent|handle|work)|as "
    r"my|representing|handling)\b|\byou (?:do not|no longer) work for (?:me|us)\b",
    rf"\bletting (?:you|your firm) go\b|\banother {_LAWYER} (?:took|has|is|will|took over)\b",
    rf"\b(?:went|signed(?: up)?|going) with {CAPITALIZED}(?: and)? {CAPITALIZED}(?: law\w*)?$",
    r"\b(?:decided to )?(?:will )?not be (?:moving|going|proceeding|continuing)(?: (?:forward|"
    r"ahead))?(?: with .*)?$",
    r"\bdo not want to do this(?: any more)?$|^settled (?:it|this|my|with)\b|\b(?:got|received) "
    r"(?:my|a|the) settlement(?: already)?$",
    # close my case; settled
    r"\b(?:do not|no longer|not)(?: (?:want|wish|going|interested|plan|planning|care))?(?: to| "
    r"in)? su(?:e|ing)(?: (?:them|anyone|anybody))?(?: any ?more)?$",
    r"(?:^|\b(?:i|we) (?:want|decided|am going|have decided|am|are)(?: to)? )drop(?:ping)? (?:it|"
    r"this|everything)$",
    r"(?:^|\b(?:i|we) (?:want|wish|would like|need|decided|have decided|am going|are going|am|"
    r"will)(?: to)? )(?:drop(?:ping)?|clos(?:e|ing)|end(?:ing)?|abandon(?:ing)?|cancel(?:ing|"
    rf"ling)?|withdraw(?:ing)?) (?:out )?(?:of |from )?(?:my|the|this|our) (?:\w+ )?{_CASE}(?! "
    r"(?:manager|number|status|worker|fees?|date)\b)",
    r"^i (?:want|would like|wish) to withdraw$",
    r"\b(?:do not|no longer|not) (?:(?:want|wish|going|interested|plan|planning|care) )?(?:to |in "
    r")?(?:pursu\w+|continu\w+|proceed\w*|(?:go|mov)\w* (?:forward|ahead|through with))(?: (?:with|"
    r"on))?(?: (?:this|it|the|my|a|any)(?: (?:case|claim|lawsuit|matter|further|thing))?)?(?: any "
    r"?more| any further| at all| please)?$",
    rf"\bchanged (?:my|our) minds? about (?:this|the|my|it|suing|hiring|you)(?: {_CASE})?$",
    rf"^(?:(?:i |we )(?:have )?(?:already )?|already )settled(?: (?:my|the|this|our|it|{_CASE}|"
    r"already|on my own|myself|directly|with (?:the |my |their )?\w+(?: \w+)?|last \w+|out of "
    r"court))*$",
    rf"^(?:my|the|this|our) {_CASE} (?:already )?(?:settled|closed)\b(?! (?:by|on behalf))",
    rf"^(?:my|the|this|our) {_CASE} (?:is|was|has been|got|has) (?:already )?(?:settled|closed|"
    r"over|resolved|dismissed|done|finished)\b",
    # a death
    rf"(?:\b{_THEY} )?\blost (?:his|her) (?:battle|fight)\b",
    rf"(?:\b{_TOLD}{_THEY}{_HOW} )?\b(?:passed away|deceased){_NOT_IN_THE_ACCIDENT}",
    rf"\b{_TOLD}{_THEY}{_HOW} (?:died|dead|passed|gone)(?= (?:last|this|in (?:january|february|"
    r"march|april|may|june|july|august|september|october|november|december|\d)|on (?:the \d+\w*|"
    r"\w+day)|yesterday|today|a (?:few|couple)(?: of)? (?:days|weeks|months)|a (?:week|month)|"
    r"(?:\d+|two|three|four) (?:days?|weeks?|months?)|\w+day|from|of|and|so|please)\b|"
    rf"$){_NOT_IN_THE_ACCIDENT}",
    rf"\b(?:i|we) (?:just |recently )?(?:lost|buried) (?:my|our) {FAMILY}\b{_NOT_IN_THE_ACCIDENT}",
    rf"\b{_THEY}{_HOW} no longer (?:with us|alive|living)\b|\brest in peace\b|\bexecutor of (?:\w+ "
    r")?estate\b",
)
HYPOTHETICAL_ENGLISH = pattern(
    r"^(?:is|are|did|does|do|was|has)\b|\b(?:if|should|could|can|might|may|unless|whether|would|"
    r"until|before|when|who|what|which|where|not|never|did|why|driver|drivers|defendant|party|side|"
    r"dog|cat|phone|battery|car|you)(?: \w+){0,2}$"
)

_ABOGADO = r"(?:abogad[oa]s?|licenciad[oa]|representacion|bufete)"
ENDED_SPANISH = patterns(
    r"\b(?:arregle|llegue a un acuerdo) con (?:el|la) (?:seguro|aseguranza)\b",
    r"\b(?:ya )?no quiero (?:el|este|mi|la) (?:caso|demanda)\b",
    r"\b(?:ya )?(?:tengo|tenemos|contrate|contratamos|encontre|consegui|busque|agarre) (?:a "
    rf")?(?:otr[oa] |un |una |mi |mi propi[oa] )?{_ABOGADO}(?! (?:de usted|me dij))",
    rf"\bcambi(?:e|amos) de {_ABOGADO}\b",
    r"\b(?:ya )?no (?:quiero|queremos|deseo|voy a) (?:seguir|continuar)(?: (?:con|mas|"
    r"adelante).*)?$",
    r"\b(?:cierren?|cierre|cancelen?|terminen?) mi (?:caso|reclamo|expediente)\b",
    r"\b(?:quiero|deseo) (?:cerrar|cancelar|terminar|retirar) mi (?:caso|reclamo|demanda)\b",
    r"\b(?:ya )?no (?:soy|somos) (?:su )?clientes?\b|\bestan? despedidos?\b",
    r"(?:\b(?:mi|su|la|el|nuestr[oa]) \w+ )?\b(?:fallecio|fallecido|fallecida|murio|ya murio|se "
    r"murio)\b(?! (?:en el (?:accidente|choque)))",
)
HYPOTHETICAL_SPANISH = pattern(
    r"\b(?:si|cuando|perro|telefono|bateria|carro|chofer)(?: \w+){0,2}$",
)
