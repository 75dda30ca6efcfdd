"""The proof of the suite: every fault is caught, no oddity is accused, no hopeless server passes."""
