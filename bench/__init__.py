"""How fast the real processes answer, beside two limits measured in the same run.  See ``README.md``."""
