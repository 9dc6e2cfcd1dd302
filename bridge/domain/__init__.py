"""The rules: pure functions and tables over plain data. Time and settings come as arguments."""
