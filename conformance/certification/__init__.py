"""Certificates: a run in a signed bundle, and what makes a stranger believe it."""
