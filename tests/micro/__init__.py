"""How long the smallest parts take: scripts/bench micro."""
