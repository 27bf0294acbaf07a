"""Evaluation in bands of rows: the same result as of the whole map, in bounded memory and within a CPU's cache."""
