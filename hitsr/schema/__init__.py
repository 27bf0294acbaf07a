"""Strict YAML files and typed sections of keys, with one line for every mistake; knows no key of this suite."""
