"""Layers in the form that an exported graph has them: the re-associated algebra, in few operations.

What depends on weights alone is stored as the small table that it is gathered from; a runtime gathers it once, when it
loads the graph. No operation depends on the values of a tensor, and none on a size, so that sizes may stay open.
"""
