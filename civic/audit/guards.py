"""The triggers by which the database itself keeps the record.

A change of the table's shape on SQLite builds the table anew and loses them in
silence, so ``prove`` looks for each by name.
"""

from collections.abc import Set as AbstractSet

from django.db import connection

ENTRY, SEAL, SEALED = "civic_audit_entry", "civic_audit_seal", "civic_audit_sealedentry"

_NAMES = {
    "sqlite": {
        f"{table}_{name}"
        for table, names in {
            ENTRY: ("only_forget", "no_delete", "waits"),
            SEAL: ("no_update", "no_delete"),
            SEALED: ("only_forget", "no_delete"),
        }.items()
        for name in names
    },
    "postgresql": {
        "civic_audit_entry_only_forget", "civic_audit_entry_no_delete", "civic_audit_entry_waits",
        "civic_audit_seal_no_change", "civic_audit_sealedentry_only_forget", "civic_audit_sealedentry_no_delete",
    },
}  # fmt: skip
_THERE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}


def missing() -> list[str]:
    """Return the record's triggers that are gone or switched off."""
    return lost(_NAMES[connection.vendor])


def lost(names: AbstractSet[str]) -> list[str]:
    """Return which of these triggers are gone or switched off."""
    with connection.cursor() as cursor:
        cursor.execute(_THERE[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    return sorted(names - there)
