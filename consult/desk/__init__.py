"""What staff see and do every day: what waits, writing and approving answers, opening and concluding."""
