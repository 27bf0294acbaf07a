"""Files are whole or absent, and what keeps them from being written is said with its remedy."""

import errno
import os

import pytest

from hitsr.atomic import replacing, write_text
from hitsr.errors import ResultError


def failing(number):
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "another disk"),
        (errno.EACCES, "may write to"),
        (errno.EIO, "check the disk"),
    ],
)
def test_each_cause_has_its_remedy(tmp_path, number, remedy):
    write_text(tmp_path / "file", "before")
    with (
        pytest.raises(ResultError, match=f"file: cannot be written .*; .*{remedy}"),
        replacing(tmp_path / "file") as new,
    ):
        new.write_text("half")
        raise failing(number)
    assert [path.name for path in tmp_path.iterdir()] == ["file"] and (tmp_path / "file").read_text() == "before"


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(ResultError, match="shorten the name"):
        write_text(tmp_path / ("x" * 256), "text")


@pytest.mark.parametrize("name", ["x" * 255, "x" * 251 + ".png", "图" * 83 + ".png", "a." + "b" * 250])
def test_names_up_to_the_limit_of_the_file_system(tmp_path, name):
    write_text(tmp_path / name, "text")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_something_is_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in ("file/a", "file/a/b/c"):
        with pytest.raises(ResultError, match="a file is where a folder has to be"):
            write_text(tmp_path / path, "text")
    with pytest.raises(ResultError, match="a folder has this name"):
        write_text(tmp_path / "folder", "text")


def test_errors_about_other_files_are_not_ours(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"), replacing(tmp_path / "file"):
        (tmp_path / "absent").read_text()
    assert not list(tmp_path.iterdir())
