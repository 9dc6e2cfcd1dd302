"""What people say about being reached.

inbound_texts  what a person's text or key asks for
opt_outs       no more contact: recorded, planned attempts canceled, cases told, in one transaction
consents       what people have agreed to: recorded, withdrawn, ended by an opt-out
by_hand        somebody at the firm records an opt-out, or lifts one
wrong_numbers  a number at which a case's person is not to be found: never called again
agent_words    an agent says on a call: do not call again, or wrong person
opt_ins        START: the phone opts in again
suspensions    a refusal in free words, or a wrong number: suspended until somebody decides
preferences    how a person wants to be reached is lifted; it is kept as an answer to a text
kept_texts     what people wrote, as long as it is kept
held_leads     news of a lead that is held: the next poll decides on it
held_cases     several cases share the phone: held until somebody knows who opted out
shared_phone_answers  who opted out at such a phone, once somebody has asked
staff_stop_answers    is a Do not Dial that staff have set on one case meant for the others
text_floods    many texts from one phone become one note an hour
"""
