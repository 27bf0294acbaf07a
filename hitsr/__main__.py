"""`python -m hitsr`, and what torchrun starts."""

from hitsr.cli import main

main()
