"""One module per place of the desk; each lists its ``PAGES``."""
