"""People: accounts, how far each is verified, where they live, what they prefer."""
