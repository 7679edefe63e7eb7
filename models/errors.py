"""What can go wrong with weights. The flows translate it for the user: ``models`` imports nothing of ours."""


class ModelError(Exception):
    """A model is missing, damaged or cannot be built; ``str(error)`` is the whole explanation, in French."""
