"""How ballots are counted: pure modules, whole numbers and fractions only, every stage in the outcome."""
