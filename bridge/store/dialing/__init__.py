"""Turns, attempts, and what decides whether and when they happen."""
