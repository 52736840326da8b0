"""Laws are checked on machines that have other work to do: no example has a deadline, and slow ones are no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("busy_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy_machine")
