"""No models.  With this module Django tells the app when migrations are done, and it makes the cache table."""
