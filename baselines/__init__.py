"""The networks that HiT-SR converts or is compared with, one file each, built of `hitsr.networks.blocks`."""
