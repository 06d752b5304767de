"""How far a model is from the truth, beside baselines that never look at the image."""
