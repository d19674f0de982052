"""Settings from the environment, and how the program speaks in its logs."""
