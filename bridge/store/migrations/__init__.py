"""How the schema came to be: one file a step, applied in order by `bridge migrate`."""
