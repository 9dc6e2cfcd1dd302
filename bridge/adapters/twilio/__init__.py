"""Twilio: its signatures, its callbacks' words and its error codes."""
