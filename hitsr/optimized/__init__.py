"""The networks' layers, faster: equal outputs up to rounding, one set of weights."""
