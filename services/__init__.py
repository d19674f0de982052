"""The journeys: one function, one transaction. Each takes `tx`, and `now` from the database's clock."""
