"""Beat and lifeline: when to look. Neither ever carries data, neither is needed twice, both may run twice."""
