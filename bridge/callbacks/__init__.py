"""Callbacks come in from Twilio.

intake            kept by the web app; processed by a worker, or at once where a person waits
processing        all that follows from one callback, in one transaction
inbound_calls     a call or text comes in: put through, or turned away
agent_calls       what an agent says by key, and how a call ends that rang an agent first
greetings         who was greeted in a call of ours, and whether anybody took the call
standing          how a call or text stands, in the words that people are shown
assignment        somebody at the firm says whose a call or text was
attempt_tracking  what a callback says of an attempt of ours, its number and the account
"""
