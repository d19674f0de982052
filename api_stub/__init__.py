"""The thin Flask API: parse, call one service, answer."""
