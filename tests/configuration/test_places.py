"""Messages name the file and the line of the key that is to blame, as far as there is one."""

import pytest
from typer.testing import CliRunner

from hitsr.cli import app
from hitsr.configuration import read_yaml, resolve
from hitsr.configuration.workflow import combined
from hitsr.errors import ConfigError

TEXT = """\
run: mine
train:
  gamma: {gamma}
methods:
  HiT-SIR: {{}}
  v1.0.x: {{extends: HiT-SIR, options: {options}}}
datasets: {{a: {{folder: a}}, b: {{folder: b}}}}
training_set: a
test_sets: [b]
"""


def message(raw):
    with pytest.raises(ConfigError) as caught:
        resolve(raw)
    return str(caught.value)


@pytest.fixture
def file(tmp_path):
    def written(gamma="1", options="{}", name="mine.yaml"):
        path = tmp_path / name
        path.write_text(TEXT.format(gamma=gamma, options=options))
        return path

    return written


def test_types_and_what_fits_together(file):
    path = file(gamma="2")
    assert message(read_yaml(path)).startswith(f"{path}:3: config.train.gamma: expected at most 1")
    path = file(options="{dims: 3}")
    assert message(read_yaml(path)).startswith(f"{path}:6: config.methods.v1.0.x.options.dims: unknown option")
    assert message({"run": ".."}).startswith("config.run: ")


def test_of_several_files_and_arguments_the_one_that_says_it(file):
    first, second = file(), file(gamma="2", name="second.yaml")
    assert message(combined([first, second])).startswith(f"{second}:3: config.train.gamma")
    assert message(combined([second, first], ["train={gamma: 3}"])).startswith("--config train: config.train.gamma")
    assert message(combined([first], ["run=.."])).startswith("--config run: config.run: expected a name")
    assert message(combined([first], ["test_sets=[c]"])).startswith("--config test_sets: config.test_sets.0: unknown")


def test_on_the_command_line(file):
    result = CliRunner().invoke(app, ["check", "--config", str(path := file(options="{dim: 7}"))])
    assert result.exit_code == 1 and f"error: {path}:6: config.methods.v1.0.x: heads:" in result.output
