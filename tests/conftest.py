"""What all tests share."""

from hypothesis import HealthCheck, settings

# The test framework has a package of this name, which would be found first later on.
# The integration itself is not imported: tests of the protocol need no Home Assistant.
import custom_components  # noqa: F401

# The machine may be busy with other tests.
settings.register_profile(
    "thorough", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# For scripts/test protocol; CI and scripts/test run the thorough one.
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=15)
settings.load_profile("thorough")
