"""Programs on the workers of an executor: the tasks, the worker, and the coordinator that survives lost workers."""
