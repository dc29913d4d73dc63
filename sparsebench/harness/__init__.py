"""The harness runs any experiment: context, trained models, queue, executors, profiles, cost plan."""
