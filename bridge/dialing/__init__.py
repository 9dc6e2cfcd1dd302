"""A case is due: its person is texted and called.

dialer            the thread beside a worker that does all of this
polling           SmartAdvocate's list of due cases, campaign by campaign
deciding          the cases of a list are stored and decided on, batch by batch
fingerprints      what a deferral rests on: as long as it is the same, it holds
list_checks       what the list shows about SmartAdvocate itself: its clock, whether asking claims
truncated_lists   a list that is cut off must not hide due cases behind ones that have to wait
registry_holds    leads whom the do-not-call registry holds back
claiming          cases that may be reached now are claimed in SmartAdvocate
competing_claims  the notice when another bridge or dialer claims the same cases
planning          the text and the call are recorded as planned attempts
call_takers       whether somebody at the firm can take a call, and how many cases may wait for it
canary            one call at a time until callbacks are known to arrive
reserving         a planned attempt is decided on once more and reserved, in one transaction
putting_off       what becomes of a planned attempt that isn't placed now
confirming        the claim is read back, and the case read again, before its person is reached
placing           a reserved attempt is placed through Twilio, at its moment
abandoned_calls   campaigns whose answered calls nobody took in time go agent first
pause_targets     what a pause that a person sets can be about
reconciliation    Twilio is asked about attempts whose answer or last callback never came

What happens to a placed call or text then comes in as a callback: see `bridge.callbacks`.
"""
