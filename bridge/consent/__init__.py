"""What people say about being reached.

inbound_texts  what a person's text or key asks for
opt_outs       no more contact: recorded, planned attempts canceled, cases told, in one transaction
by_hand        somebody at the firm records an opt-out, or lifts one
opt_ins        START: the phone opts in again
held_cases     several cases share the phone: held until somebody knows who opted out
text_floods    many texts from one phone become one note an hour
"""
