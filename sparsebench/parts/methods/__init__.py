"""Methods of making a recurrent network sparse: criterion, allocation, pattern and schedule."""
