"""Who may do what, where, until when.

One rule per action (``registry``) answers three questions (``questions``), so
that buttons, lists and mail recipients cannot disagree: ``may`` (this person,
this object), ``visible`` (which objects) and ``holders`` (which people).
``require`` is ``may`` that raises ``Refused``.
"""
