"""From a finding to the shortest history that shows it, sent again on fresh ids."""
