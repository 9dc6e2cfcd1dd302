"""Refusals, and the erasure of what people wrote."""
