"""A dated process on a policy or a question: its phases, who may take part, its frozen rules."""
