"""Many deployments in one go: read from a configuration, each judged in an interpreter of its own."""
