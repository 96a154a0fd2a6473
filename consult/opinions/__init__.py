"""Opinions on statements: agree, disagree or pass; and conversations brought in from Polis."""
