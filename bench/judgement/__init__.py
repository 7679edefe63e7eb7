"""What veille's judgement is worth beside other tools, on the same items, in one command: see ``__main__``."""
