"""Progress bars, as they stand in a log."""

from hitsr.progress import progress


def test_there_is_a_bar_unless_there_is_nothing_to_do(capsys):
    assert list(progress(range(2), desc="images", unit="image")) == [0, 1]
    shown = capsys.readouterr().err
    assert "images" in shown and "2/2" in shown
    assert list(progress([], desc="images")) == [] and list(progress(iter(()), total=0)) == []
    assert capsys.readouterr().err == ""
