"""What unit and integration tests share."""

# Imported before the test framework's own custom_components can shadow it.
import custom_components.meross_local  # noqa: F401
