"""Books: the journal, its closed periods, and the logs that are sealed as it is."""
