"""What follows from a consultation's entries (notices are told by ``consult.reports``)."""
