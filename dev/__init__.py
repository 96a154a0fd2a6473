"""What makes the project run, be tested and be checked, from a bare machine.

``python3 -m dev <command>`` is what the Makefile calls.  Everything up to the
installation uses the standard library only; afterwards the same command goes
on inside ``.venv``.
"""
