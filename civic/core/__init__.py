"""Clock, windows, state machines as data, refusals and response headers.

Knows no model and no other sub-app; everything may import it.
"""
