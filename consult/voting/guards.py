"""The triggers that keep the roll, the box, the rules and the chain; ``prove`` looks for each by name.

A change of a table's shape on SQLite builds it anew and loses them in silence.
"""

from django.db import connection

_BOTH = {
    "ballot_roll_mark_only_those_on_it", "ballot_box_ballot_only_in_time", "ballot_box_keying_only_in_time",
    "consult_voting_poll_is_frozen", "consult_voting_poll_no_delete", "consult_voting_poll_needs_witnesses",
}  # fmt: skip
_TABLES = ("roll_entry", "roll_mark", "box_hours", "box_seal", "box_ballot", "box_placing", "box_slip", "box_keying")
_NAMES = {
    "postgresql": _BOTH
    | {f"ballot_{table}_append_only" for table in _TABLES}
    | {
        "consult_voting_choice_is_frozen",
        "consult_voting_bulletinentry_no_change",
        "consult_voting_meeting_no_change",
    },
    "sqlite": _BOTH
    | {f"ballot_{table}_no_{deed}" for table in _TABLES for deed in ("update", "delete")}
    | {f"consult_voting_choice_no_{deed}" for deed in ("insert", "update", "delete")}
    | {f"consult_voting_{table}_no_{deed}" for table in ("bulletinentry", "meeting") for deed in ("update", "delete")},
}
_THERE = {
    "sqlite": """SELECT name FROM main.sqlite_master WHERE type = 'trigger'
                 UNION ALL SELECT name FROM ballot_roll.sqlite_master WHERE type = 'trigger'
                 UNION ALL SELECT name FROM ballot_box.sqlite_master WHERE type = 'trigger'""",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}


def missing() -> list[str]:
    """Return the triggers that are gone or switched off."""
    with connection.cursor() as cursor:
        cursor.execute(_THERE[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    return sorted(_NAMES[connection.vendor] - there)
