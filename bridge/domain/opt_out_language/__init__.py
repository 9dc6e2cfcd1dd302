"""How refusals are worded: spelling, clauses, and tables of phrases per language."""
