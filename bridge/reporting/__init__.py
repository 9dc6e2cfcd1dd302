"""All that SmartAdvocate is told.

after_talk    somebody talked with the firm: the person's planned contacts are released
case_reports  what an ended call or text means for its case, queued as deliveries
turn_endings  a turn ends without an outcome: released, or closed as Do not Dial; notes of events
wished_calls  a next call that somebody at the firm asks for
wanted_calls  a next call is moved to when its person wants to be reached
last_checks   a call under way: may its person still be dialed, or spoken to
staff_stops   staff have set a case to Do not Dial: the person's other cases are held
messages      a status or a note is queued as a delivery
status_updates  a status is written to its case: what is to change there is decided
delivery      queued deliveries go to SmartAdvocate: in order, once, until it has taken them
sending       one of them goes out, a status with its note
dead_letters  what it refused for good is sent again, or given up
"""
