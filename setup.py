"""Which folders are packages; everything else about the distribution is in pyproject.toml."""

from setuptools import find_namespace_packages, find_packages, setup

# `baselines/` lies at the top level of the repository and is installed as `hitsr.baselines`
baselines = [f"hitsr.baselines.{name}" for name in find_namespace_packages("baselines")]

setup(
    packages=[*find_packages(include=["hitsr*"]), "hitsr.baselines", *baselines],
    package_dir={"hitsr": "hitsr", "hitsr.baselines": "baselines"},
)
