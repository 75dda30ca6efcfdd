"""The contracts, each a room of its own."""
