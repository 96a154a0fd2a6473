"""The result of a consultation, frozen with the hash of its sources, and what everybody is told at its end."""
