"""The only code that knows a vendor: a package each."""
