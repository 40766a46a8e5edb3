"""The flow behind *Add plug*, a file for each way, and steps of several flows."""
