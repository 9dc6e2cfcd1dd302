"""What the operator's commands look at and change; `cli.py` prints it.

check        is everything in order, and if not, what to do
listings     callbacks, deliveries, verdicts, pauses, skipped cases as tables
explaining   what would happen to a case now and why; what is planned
pausing      hold back and let go
"""
