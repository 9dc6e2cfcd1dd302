"""Opt-outs, and the erasure of what people wrote."""
