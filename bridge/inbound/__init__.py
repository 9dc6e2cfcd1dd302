"""Road 1: a callback comes in, and its case hears of it.

arrival      accept; then, in a worker: understand, match
following    what it says of an attempt of ours, of the number and the account
listening    what a person's text asks for
refusing     a person wants no more: opted out, cancelled and told in one transaction
releasing    who has talked with the firm isn't chased
telling      translate, and queue what the case must be told
delivery     tell SmartAdvocate: in order, once, until it has taken it
speaking     what a call hears: the greeting, the keys, the farewell
"""
