"""Looks at the way to a deployment, and at what the operator gave, before a run does; never writes."""
