"""Departments and the five societies, and who acts in them."""
