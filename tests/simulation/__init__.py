"""A firm's month, played in seconds by one thread: whatever a seed does, it does again.

month.py               one seed: everybody, everything, and the last outcomes
temper.py              what the month has much of: each seed draws it
town.py, lives.py      who lives there, and what people and staff do
front_desk.py          the firm's operator, every morning
troubles.py            deploys, outages, emergencies
places.py              hours and days of each place, written apart from the bridge's rules
agenda.py              the virtual clock, and what happens when
deployment.py          which processes run, and when each does something
processes.py           web and worker processes that die or stand between any two steps
network.py             requests between all of them: lost, late, answered to nobody
firm.py                a stand-in for SmartAdvocate, and what its staff do in it
exchange.py, rest.py   a stand-in for Twilio: the account, and its REST API
courses.py             what is under way there: calls by call_course.py, texts by text_course.py
post_office.py         its way to the bridge: callbacks doubled, late, lost
oracle.py              what must hold after every step
accounts.py            what must hold when the month is over
story.py               who did what when
faults.py              what `make simulate FAULTS=1` breaks, to see that it is found
__main__.py            `make simulate`
"""
