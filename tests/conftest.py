"""What all tests share."""

# The test framework has a package of this name, which would be found first later on.
# The integration itself is not imported: tests of the protocol need no Home Assistant.
import custom_components  # noqa: F401
