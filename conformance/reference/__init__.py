"""What the reference deployments of the contracts share: storage, behaviour, application, servers."""
