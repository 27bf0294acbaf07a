"""The catalogues of hitsr/catalogs/: recipes and data sets."""

from typing import Annotated

from pydantic import Field

from hitsr.configuration.models.train import Train
from hitsr.schema.sections import Section, key, optional, required
from hitsr.schema.types import (
    Count,
    Mapping,
    MethodName,
    Plain,
    ScaleKey,
    Text,
)


class Recipe(Section):
    """A published training recipe."""

    title: Text = required("The paper that it is of.")
    networks: Annotated[list[Text], Field(min_length=1)] = required("Networks that it was published for.")
    source: Text = required("Where every key was read.")
    remark: Text = key("", "What the keys cannot say, and what could not be checked.")
    train: Train = required("Keys of `train`.")
    options: Annotated[dict[Text, Plain], Mapping] = key(
        {}, "Options of a network that belong to its training: `drop_path`, for those that have it."
    )
    departures: list[Text] = key([], "How our training departs from the authors' code, beyond what holds for all.")


class Archive(Section):
    """A file to download; its suffix says how to unpack it."""

    homes: Annotated[list[Annotated[str, Field(pattern="^https?://")]], Field(min_length=1)] = required(
        "Addresses of the same file, tried in this order."
    )
    bytes: Count | None = optional("Size, if a source states it.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = optional("Checksum, if a source states it.")
    md5: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = optional(
        "Checksum, if a source states this one only; it tells a damaged file, not a forged one."
    )


class WeightsFile(Section):
    """A file of published weights."""

    name: Text = required("Name under `weights_root`, with folders, where it is downloaded to.")
    homes: list[Annotated[str, Field(pattern="^https?://")]] = key([], "Addresses of the file, tried in this order.")
    names: list[Text] = key([], "Further names that it customarily has under `weights_root`.")
    bytes: Count | None = optional("Size, if a source states it.")
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{8,64}$")] | None = optional(
        "Checksum, if a source states it, or how it begins."
    )
    md5: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = optional("Checksum, if a source states it.")
    git_blob: Annotated[str, Field(pattern="^[0-9a-f]{40}$")] | None = optional(
        "Identifier of its contents in its git repository, if a source states it."
    )


class PublishedWeights(Section):
    """The weights that the authors of a network, or others, have published."""

    files: Annotated[dict[ScaleKey, Annotated[list[WeightsFile], Field(min_length=1)]], Mapping] = key(
        {}, "By scale, files of the same weights, any of which will do; none where nothing can be named."
    )
    manual: Text | None = optional("How to get them by hand.")
    unpublished: Text | None = optional("Why there are none.")
    layout: Text | None = optional("What is in a file.")
    source: Text = required("Who publishes them, and where that is said.")
    licence: Text = required("Licence of the weights, or that none is stated.")
    trained_on: Text | None = optional("Training data, if it is stated.")


class Offer(Section):
    """An archive that holds a data set."""

    archive: Text = required("An archive of this catalogue.")
    take: Text = required("Folder in the archive.")
    to: Text = required("Folder under `data_root`.")


class PublicSet(Section):
    """A public data set."""

    images: Count = required("Number of images; a folder with another number is not the data set.")
    numbered: Annotated[list[Annotated[str, Field(pattern="^[0-9]+$")]], Field(min_length=2, max_length=2)] | None = (
        optional(
            "Names of the first and the last image where names are numbers of so many digits; other images of the "
            "folder are passed over."
        )
    )
    parts: list[Text] = key([], "Sets of this catalogue that it consists of; it has no folders of its own.")
    benchmark: list[Text] = key(
        [], "Names of its folder in the customary layouts of test sets, benchmark/NAME/HR and the like."
    )
    folders: list[Text | list[Text]] = key(
        [],
        "Further folders in which images customarily lie, relative to `data_root`; a list is taken together.",
    )
    archives: list[Offer] = key(
        [],
        "Archives that hold it, tried in this order; folder `take` of one becomes folder `to` under `data_root`.",
    )
    manual: Text = key("", "What to do by hand where nothing can be downloaded.")
    source: Text = required("Where the images come from, for the report.")
    licence: Text = required("Licence of the images, for the report.")
    cite: Text = required("Key of the data set's paper in hitsr/catalogs/published/references.bib.")


class PublicSets(Section):
    """Where public data sets are downloaded from, and in which folders a user customarily has them already."""

    archives: Annotated[dict[Text, Archive], Mapping] = required("Files to download, by file name.")
    sets: Annotated[dict[Text, PublicSet], Mapping] = required("Data sets by the name that a run's configuration uses.")


Recipes = Annotated[dict[MethodName, Recipe], Mapping]
WeightsCatalogue = Annotated[dict[MethodName, PublishedWeights], Mapping]
