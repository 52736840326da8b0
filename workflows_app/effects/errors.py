"""Why an effect was not applied."""


class EffectError(Exception):
    """An effect could not be applied. `permanent`: trying again cannot help (the base retries unless it is)."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent


def permanent(message: str) -> EffectError:
    """An error that no retry mends."""
    return EffectError(message, permanent=True)


def transient(message: str) -> EffectError:
    """An error that the step's retry policy may mend."""
    return EffectError(message, permanent=False)
