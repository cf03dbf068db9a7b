"""Engine: what schedules made due, and what could not be done yet."""
