"""Spanish phrases that opt out or say "wrong number".

The rules are those of `english.py`. They are written without accents, as a text is folded first.
"""

from bridge.domain.opt_out_language.endings import ENDED_SPANISH, HYPOTHETICAL_SPANISH
from bridge.domain.opt_out_language.limits import LIMITED_SPANISH, NEGATED_SPANISH
from bridge.domain.opt_out_language.phrases import NAME, Phrases, messages, pattern, patterns
from bridge.domain.opt_out_language.unexplained import EXPLAINED_SPANISH, UNEXPLAINED_SPANISH

_SEND = (
    r"(?:llam(?:en?|es)|escrib(?:an?|as)|mand(?:en?|es)|envi(?:en?|es)|molest(?:en?|es)|"
    r"contact(?:en?|es)|text(?:een?|ees)|habl(?:en?|es)|busqu(?:en?|es))"
)
_TO_SEND = r"(?:llamar|escribir|mandar|enviar|molestar|contactar|textear|marcar)(?:me|nos|le|les)?"
_SENT = r"(?:mensajes?|textos?|llamadas?|mensajes de texto)"
_MORE = r"(?:mas\b(?! tarde)|nunca|jamas|otra vez|de nuevo)"
_LIST = r"de (?:la|su|sus|tu|esta|esa) (?:listas?|base de datos|sistema)"

_STRONG = patterns(
    rf"\bno (?:me |nos )?vuelvan? a {_TO_SEND}\b",
    rf"\b(?:ya )?no (?:me |nos )?{_SEND} (?:{_SENT} )?{_MORE}",
    rf"\bno (?:me |nos )?{_SEND} mas {_SENT}\b",
    rf"\bya no (?:me|nos) {_SEND}\b",
    rf"\b(?:dejen?|dejes|deja|paren?|para) (?:ya )?de {_TO_SEND}\b",
    rf"\bno (?:quiero|deseo) (?:que (?:me|nos) {_SEND}|(?:recibir )?(?:ni )?(?:mas |sus |"
    rf"estos |estas |de sus )*{_SENT}(?: de (?:ustedes|usted|texto))?(?: mas| por favor)*$)",
    r"\bno (?:quiero|necesito) (?:mas )?sus servicios?\b",
    rf"^(?:no mas|basta de) {_SENT}\b",
    r"\b(?:ya )?no (?:estoy|estamos) interesad[oa]s?(?: gracias| en (?:esto|su\w* servicios?))?$",
    r"\b(?:ya )?no me interesa(?: gracias| por favor| esto)?$",
    r"\bdej(?:e|en|a)(?:me|nos)(?: ya)? (?:en paz|tranquil[oa]s?)\b",
    rf"\b(?:quit|sac|sag|saqu|borr|elimin|remuev|retir)\w{{1,3}}(?:me|nos) {_LIST}",
    rf"\b(?:quit|saqu|borr|elimin|remuev|retir)\w{{1,2}} (?:mi|este) (?:numero|nombre|telefono)"
    rf"(?: {_LIST})?$",
    rf"\b(?:no|nunca) {_TO_SEND} (?:mas|nunca)\b|\bno (?:me |nos )?{_SEND} nada\b",
    r"\bno (?:quiero|deseo) (?:saber )?(?:mas )?nada (?:mas )?(?:con|de) (?:ustedes?|su)\b",
    r"^(?:dar|dame|denme|deme|darme) de baja\b",
)
_WEAK = patterns(
    rf"\bno (?:me |nos )?(?:{_SEND}|llamar|escribir|textear)(?: {_SENT})?$",
)
_SORRY = r"(?:perdon|perdone|disculpe|lo siento|no|creo que|hola|senor|senora|este es|es|usted)"
_WRONG = patterns(
    rf"^(?:{_SORRY} )*(?:(?:tienen?|tienes|marco|llamo|escribio) )?(?:(?:el|un|una|la|al|a la) )?"
    r"(?:numero|persona|telefono) equivocad[oa](?: senora?| amig[oa]| gracias| por favor|"
    r" disculpe)*$",
    r"\bse equivoc(?:o|a|aron) de (?:numero|persona|telefono)\b",
    r"^(?:usted )?(?:esta|estas|estan) equivocad[oa]s?(?: de (?:numero|persona))?$",
    r"^equivocad[oa]$",
    rf"^(?:{_SORRY} )*(?:yo )?no soy {NAME}$",
    rf"\bno conozco a (?:esa persona|ese senor|esa senora|nadie con ese nombre|ningun[ao]? {NAME}|"
    rf"{NAME})$",
    rf"^(?:aqui (?:ya )?no vive (?:{NAME}|nadie con ese nombre|esa persona|el|ella)|(?:{NAME} )?"
    r"(?:ya )?no vive aqui)$",
    r"^(?:aqui )?(?:no hay )?nadie con ese nombre(?: aqui)?$",
    rf"^(?:aqui )?no hay (?:ningun[ao]? )?{NAME}(?: aqui)?$",
    rf"^este (?:numero|telefono) (?:ya )?no (?:es de|(?:le )?pertenece a) (?:{NAME}|ella|el|"
    r"esa persona)\b",
    rf"^este (?:ya )?no es (?:su|el) (?:numero|telefono)(?: de (?:{NAME}|ella|esa persona))?$",
    r"^(?:este )?no es el numero correcto$",
)

_WHOLE_MESSAGES = messages("""
alto ya | baja | basta ya | cancela | cancelar suscripcion | cancele | cancelen
| dar de baja | detenganse | detengase | fin | no mas | no moleste | no molesten | para
| pare ya | paren | paren ya | quitar | salir | suscripcion cancelar | termina | terminar
| ya basta | ya para
""")

SPANISH = Phrases(
    lead=pattern(
        r"^(?:(?:por favor|hola|no|ya|gracias|senora?|buenos dias|buenas tardes|disculpe|oiga|"
        r"favor de|y|pero|que|si|ok|no gracias) )+"
    ),
    tail=pattern(r"(?: (?:por favor|gracias|ya|senora?|ok)){1,8}$"),
    whole_message=_WHOLE_MESSAGES,
    strong=_STRONG,
    strong_in_short=(),
    weak=_WEAK,
    wrong_number=_WRONG,
    about_others=pattern(
        r"\b(?:dijo|dijeron|dice|dicen|dile|diles|digale|diganle|diganles|dije al|"
        r"dije a (?:la|mi|los)|pedi|pidio|pidieron)\b",
        r"\bno$",
        r"\b(?:el|la|mi|su) \w+$(?<!favor)(?<!abogado)(?<!abogada)(?<!trabajo)(?<!casa)",
        r"\b(?:quiero|puede|pueden|haga|hagan) que (?:el|la|los|mi)\b",
    ),
    limits=pattern(
        r"\b(?:antes|despues) de (?:la|las|el|\d|mi|que)",
        r"\b(?:hasta|ahora|ahorita|hoy|manana|mientras|cuando|tan|durante|tarde|temprano)\b",
        r"\b(?:al|en el|a mi|en mi) (?:trabajo|casa|oficina|cel|celular)\b",
        r"\b(?:a (?:esta|esa) hora|de noche|en la (?:noche|manana|tarde)|"
        r"por (?:la|correo|telefono))\b",
        r"\blos (?:lunes|martes|miercoles|jueves|viernes|sabados?|domingos?|fines)\b",
    ),
    unlimited=pattern(r"\bni (?:a|en) ning\w+|\bnunca\b|\bjamas\b|\bninguna parte\b"),
    offered=pattern(
        r"\b(?:textos?|mensajes?|escrib\w+|mand\w+)(?: mejor| solo| por favor| pero| y)*$"
    ),
    others_behind=pattern(
        r"^ a (?:mi|la|el|los|las)\b(?! (?:numero|telefono|celular|cel|casa|trabajo|oficina))",
        r"^ (?:al|a otr[oa])\b(?! (?:trabajo|cel|celular|telefono))",
        r"\b(?:al|en el|a mi|en mi) (?:seguro|doctor|hospital|jefe|espos[oa]|hij[oa])\b",
    ),
    limited=LIMITED_SPANISH,
    negated=NEGATED_SPANISH,
    ended=ENDED_SPANISH,
    hypothetical=HYPOTHETICAL_SPANISH,
    unexplained=UNEXPLAINED_SPANISH,
    explained=EXPLAINED_SPANISH,
    other_meanings=pattern(r"(?!)"),
    reasons=pattern(
        r"\b(?:abogad[oa]|mas|nunca|interesad?[oa]?|gracias|equivocad[oa]|policia|demandar|"
        r"reportar|basta|stop)\b"
    ),
    another_channel=pattern(
        r"^(?:(?:mejor|solo|por favor) )*(?:mand|llam|escrib|envi|text|us[ea]n?|marqu)\w*",
        r"^(?:yo (?:le|les|te) llamo|estoy|mi (?:telefono|numero|celular)|manana|luego|despues)\b",
    ),
)
