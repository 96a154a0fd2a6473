"""Official answers: one outcome for one or many contributions, published by a second person."""
