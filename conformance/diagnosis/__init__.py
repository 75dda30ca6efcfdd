"""Consistency-based diagnosis: which causes, as few as possible, explain every answer that a model does not allow."""
