"""The reports of a run: results.json is the canonical one, every other format says the same."""
