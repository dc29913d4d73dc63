"""Methods of making networks sparse, compared at equal density and equal training."""
