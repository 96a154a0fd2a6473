"""Append-only entries: what happened, to what, by whom, when.

``record()`` is the only writer.  An entry holds ids and facts, never personal
data: erasing a person empties the person's row and leaves the entry true.
Update and delete are refused in Python and by database triggers.
"""
