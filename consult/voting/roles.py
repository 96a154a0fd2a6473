"""The two owners on PostgreSQL: ``gongyi_roll`` and ``gongyi_box``, roles nobody signs in as.

The role that runs the site may put rows into the two rooms and look them up; it owns nothing there, so it
can neither change rows nor switch the triggers off.  Where the migrating role may not create roles, the tables
stay its own and docs/operations.md says what an administrator runs.
"""

from typing import Any

from django.db import connection, transaction

OWNERS = {"ballot_roll": "gongyi_roll", "ballot_box": "gongyi_box"}
TABLES = {"ballot_roll": ("entry", "mark"), "ballot_box": ("hours", "seal", "ballot", "placing", "slip", "keying")}
FUNCTIONS = {
    "ballot_roll": ("refuse()", "only_those_on_it()", "shuffle(bigint)"),
    "ballot_box": (
        "refuse()",
        "only_in_time()",
        "shuffle(bigint)",
        "keyed_in_time()",
        "shuffle_keyings(bigint)",
    ),
}


def creating() -> list[str]:
    """Return the statements that make the owners where they are missing; roles belong to the whole server."""
    return [
        f"DO $$ BEGIN CREATE ROLE {owner} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
        for owner in OWNERS.values()
    ]


def owning() -> list[str]:
    """Return the statements that give both rooms to their owners."""
    statements = []
    for room, owner in OWNERS.items():
        statements.append(f"ALTER SCHEMA {room} OWNER TO {owner}")
        statements += [f"ALTER TABLE {room}.{table} OWNER TO {owner}" for table in TABLES[room]]
        statements += [f"ALTER FUNCTION {room}.{function} OWNER TO {owner}" for function in FUNCTIONS[room]]
        statements += [f"REVOKE ALL ON FUNCTION {room}.{function} FROM PUBLIC" for function in _rewriting(room)]
    return statements


def grants_to(role: str) -> list[str]:
    """Return the statements that let the site's role do what it needs and no more."""
    statements = []
    for room in OWNERS:
        statements.append(f'GRANT USAGE ON SCHEMA {room} TO "{role}"')
        statements.append(f'GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {room} TO "{role}"')
        statements += [f'GRANT EXECUTE ON FUNCTION {room}.{function} TO "{role}"' for function in _rewriting(room)]
    return statements


def _rewriting(room: str) -> list[str]:
    return [function for function in FUNCTIONS[room] if function.startswith("shuffle")]


def separate(**_signal: Any) -> None:
    """Give the rooms to their owners after migrating, where this role may; run again, it changes nothing."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() != (True,):
            return
        cursor.execute("SELECT to_regprocedure('ballot_box.shuffle_keyings(bigint)') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return
        # Roles belong to the whole server: another database of it may be making them just now.
        cursor.execute("SELECT pg_advisory_xact_lock(7263013)")
        cursor.execute("SELECT current_user")
        (me,) = cursor.fetchone()
        for statement in [*creating(), *owning(), *grants_to(me)]:
            cursor.execute(statement)


def undivided() -> list[str]:
    """Return the rooms the site could change itself, because they have not been given to their owners."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname, pg_get_userbyid(n.nspowner), pg_get_userbyid(c.relowner) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (%s) AND c.relkind = 'r'",
            [list(OWNERS)],
        )
        owned = {(room, table): {of_room, of_table} for room, table, of_room, of_table in cursor.fetchall()}
    return [
        room for room, owner in OWNERS.items() if any(owned.get((room, table)) != {owner} for table in TABLES[room])
    ]
