"""Parts that the networks share. Maps are channels-last, `(B, H, W, C)`, from end to end."""
