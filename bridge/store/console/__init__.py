"""What the console keeps: sessions, sign-ins, the audit trail, and what it asks the worker for.

sessions   who is signed in
sign_ins   tries to sign in, by address: what slows down whoever guesses
audit      who did what, when and why
errands    what the worker does for the console: checks, a test call, a test text
retention  how long all of these are kept
plan       what is to happen, and who is held back
"""
