"""Parts that several baselines share. Maps are `(B, C, H, W)`."""
