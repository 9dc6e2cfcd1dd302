"""A pretend outside world over HTTP, for `bridge sandbox` and the tests.

It shares no code with the adapters, so that a misreading can't be made twice alike.
"""
