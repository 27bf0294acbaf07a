"""The keys of a configuration and of the catalogues: types, ranges, defaults and descriptions, a file per section.

Everything else about keys is made from these models: messages, and `docs/configuration.md`. Nothing here imports torch.
"""
