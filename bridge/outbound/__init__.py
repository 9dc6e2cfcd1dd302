"""Road 2: a case is due, and its person is texted and dialed.

    polling      SmartAdvocate's list: store, judge
    list_checks  what the list tells of SmartAdvocate itself: its clock, whether asking claims
    moving_on    a list that hides what is due behind what can't be taken up
    claiming     what may be reached now is claimed there, many in one call
    planning     the text and the call are written down
    canary       one call at a time, until Twilio is known to reach us
    reserving    what is due is judged once more and reserved, in one transaction
    confirming   the claim is read back, and the case read again, before its person is reached
    placing      what is reserved is placed through Twilio, at its moment
    asking       what became of calls and texts whose answer or last callback never came
    other_bridge what is said when somebody else claims the same cases
    dialer       the thread beside a worker that does all this
    phrases      the firm's name and phone, filled into its words

From there on the callbacks close the circle: see `bridge.inbound`.
"""
