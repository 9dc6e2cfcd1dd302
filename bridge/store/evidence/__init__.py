"""The evidence: the chain over it, how long it is kept, and what there is about one case.

chain           checkpoints: what they cover next, and what was erased or deleted
retention       rows that were kept for long enough
verification    the rows held against the chain
case_record     all that the evidence page of a case is made of
"""
