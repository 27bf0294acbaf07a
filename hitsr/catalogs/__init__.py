"""Catalogues: methods, recipes, ablations, data sets, claims and published figures, as files of data."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
