"""``/me/``: what a person said, supports and follows, and what became of each."""
