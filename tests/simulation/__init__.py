"""A firm's month, played in seconds by one thread: whatever a seed does, it does again.

month.py        one seed: the town, its agenda, the last outcomes
town.py         who lives there, what the firm has set, and what befalls it
places.py       hours and days of each place, written apart from the bridge's rules
agenda.py       the virtual clock, and what happens when
firm.py         a stand-in for SmartAdvocate, its staff and the firm's operator
exchange.py     a stand-in for Twilio: calls and texts, step by step
network.py      requests between all of them: lost, late, answered to nobody
processes.py    web and worker processes that die between any two steps
oracle.py       what must hold after every step
accounts.py     what must hold when the month is over
story.py        who did what when
faults.py       what `make simulate FAULTS=1` breaks, to see that it is found
__main__.py     `make simulate`
"""
