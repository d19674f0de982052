"""The Celery app and its tasks: thin doors to `services`."""
