"""Bodies that hold powers and do the helping, and the powers themselves."""
