"""How ranks share a model: groups, exchanges, shards, schedules."""
