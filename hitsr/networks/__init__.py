"""The networks of the paper: HiT-SIR, HiT-SNG, HiT-SRF."""
