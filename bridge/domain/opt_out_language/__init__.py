"""How refusals are worded: clauses of a text, and tables of phrases per language."""
