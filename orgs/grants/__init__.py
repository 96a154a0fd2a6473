"""Scoped, expiring powers.  Only this sub-app reads or writes grant rows."""
