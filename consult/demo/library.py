"""The county's policies and their versions, through the editorial road: one writes, another approves."""
