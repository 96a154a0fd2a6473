"""Plain functions that make one thing each, valid and unremarkable unless told otherwise."""
