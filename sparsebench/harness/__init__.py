"""What runs any experiment: context, trained models, queue, executors, profiles and cost plan."""
