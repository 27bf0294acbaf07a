"""Reading YAML: what is a number, and one clear line for every file that is not what it should be."""

import json
import math

import pytest

from hitsr.configuration import parse_yaml, read_yaml
from hitsr.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2e-4", 0.0002),
        ("2E4", 20000.0),
        ("1_000", 1000),
        ("007", 7),
        ("-.5e1", -5.0),
        ("2.", 2.0),
        (".inf", math.inf),
        ("yes", True),
        ("off", False),
        ("~", None),
        ("", None),
        ("NA", "NA"),
        ("nan", "nan"),
        ("2020-01-01", "2020-01-01"),
        ("1:30", "1:30"),
        ("0x10", "0x10"),
        ("'2e-4'", "2e-4"),
        ("e5", "e5"),
    ],
)
def test_scalars(text, value):
    found = parse_yaml(f"key: {text}", "file")["key"]
    assert found == value and isinstance(found, type(value))


def test_numbers_remember_how_they_were_written():
    found = parse_yaml("{a: 007, b: 1e3, 0801: c}", "file")
    assert found["a"].text == "007" and found["b"].text == "1e3"
    assert next(key for key in found if key == 801).text == "0801"
    assert json.dumps(found["a"]) == "7"


def test_merge_keys_may_be_overridden_where_they_are_merged():
    found = parse_yaml("x: {y: &y {<<: &z {k: 0, l: 0}, k: 1}}\na: {<<: *y, k: 2}\nb: {<<: [*y, *z], m: 3}", "file")
    assert found["a"] == {"k": 2, "l": 0} and found["b"] == {"k": 1, "l": 0, "m": 3}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: 2\na: 3\n", "the key 'a' is given twice, in lines 1 and 3"),
        (b"train:\n  gamma: 1\n  gamma: 1\n", "the key 'gamma' is given twice, in lines 2 and 3"),
        (b"weights: {2: a, '2': b}", "the key '2' is given twice, in line 1"),
        (b"a: {<<: {k: 1}, <<: {k: 2}}", "the key '<<' is given twice"),
        (b"train:\n\titerations: 3\n", "line 2 begins with a tab"),
        (b"a: [1,\n", "not valid YAML (line 2, column 1)"),
        (b"a: b: c", "not valid YAML (line 1, column 5)"),
        (b"a: *b", "not valid YAML (line 1, column 4): found undefined alias"),
        (b"a: &a [*a]", "line 1: an anchor that holds itself"),
        (b"? [a, b]\n: 1", "line 1: a list or mapping as a key"),
        (b"a: 1\n---\nb: 2", ": but found another document"),
        (b"a: !!python/object/apply:os.system [ls]", "not valid YAML"),
        (b"a: " + b"9" * 5000, "a number of too many digits"),
        (b"a: \x01", "not valid YAML"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"", "holds nothing; expected keys and values"),
        (b"# nothing but a remark\n", "holds nothing"),
        (b"- a\n- b\n", "expected keys and values, such as `run: mine`; found a list"),
        (b"run", "found a single value"),
        (b"run: !!bool perhaps", "not valid YAML (line 1, column 6): 'perhaps' is not of type bool"),
        (b"run: !!int x", "'x' is not of type int"),
        (b"run: !!timestamp x", "'x' is not of type timestamp"),
        ("run: a\n".encode("utf-16"), "encoded as UTF-16; save it as UTF-8 (`iconv -f UTF-16 -t UTF-8 "),
        ("run: a\n".encode("utf-16-le"), "encoded as UTF-16LE; save it as UTF-8"),
        ("run: a\n".encode("utf-16-be"), "encoded as UTF-16BE; save it as UTF-8"),
        ("run: a\n".encode("utf-32"), "encoded as UTF-32; save it as UTF-8"),
        ("run: a\n".encode("utf-32-le"), "encoded as UTF-32LE; save it as UTF-8"),
        (b"run: a\nsource: M\xfcller\n", "line 2 is not UTF-8 (byte 0xfc, perhaps Latin-1); save it as UTF-8 (`iconv "),
        (b"\x89PNG\r\n\x1a\n\0\0", "not a text file (byte 0x89 in line 1)"),
    ],
)
def test_mistakes(content, said, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and said in message and "\n" not in message


def test_a_file_that_is_not_there(tmp_path):
    for path in (tmp_path / "mine.yaml", tmp_path):
        with pytest.raises(ConfigError, match="cannot be read .*; check the name of the file"):
            read_yaml(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    (tmp_path / "mine.yaml").write_bytes("run: a".encode("utf-8-sig"))
    assert read_yaml(tmp_path / "mine.yaml") == {"run": "a"}
