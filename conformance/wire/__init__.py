"""The wire: what was sent, what came back, within limits and without secrets."""
