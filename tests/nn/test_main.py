"""``python -m nn``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from nn import MLP, accuracy, load_checkpoint, load_iris, standardize
from nn.__main__ import main


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and the output of the command with its default options."""
    out = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr(sys.stdout, "write", printed.append)
        assert main(["--out", str(out)]) == 0
    return out, "".join(printed)


def test_it_prints_how_many_flowers_it_gets_right(demo: tuple[Path, str]) -> None:
    found = re.findall(r"^(train|held-out) +accuracy (\d\.\d+) \((\d+) of (\d+) flowers\)$", demo[1], re.MULTILINE)
    assert [(name, int(rows)) for name, _, _, rows in found] == [("train", 120), ("held-out", 30)]
    assert all(float(share) == round(int(right) / int(rows), 3) for _, share, right, rows in found)
    assert all(float(share) >= 0.93 for _, share, _, _ in found)


def test_it_names_every_file_it_wrote(demo: tuple[Path, str]) -> None:
    pytest.importorskip("matplotlib")
    named = re.findall(r"^wrote (.*): ", demo[1], re.MULTILINE)
    assert sorted(named) == sorted(str(path) for path in demo[0].iterdir())
    assert [Path(name).name for name in named] == ["iris-loss.svg", "iris-neuron.svg", "iris-model.npz"]


def test_the_neuron_is_drawn_with_its_inputs_and_weights_by_name(demo: tuple[Path, str]) -> None:
    drawn = (demo[0] / "iris-neuron.svg").read_text(encoding="utf-8")
    for text in ("petal_width", "weight of petal_width", "bias", "output", "tanh", "grad"):
        assert text in drawn.replace("&#45;", "-").replace("&#160;", " ")


def test_the_weights_give_the_trained_model_back(demo: tuple[Path, str]) -> None:
    model = MLP(4, [16, 3])
    notes = load_checkpoint(demo[0] / "iris-model.npz", model=model)
    iris = load_iris()
    assert (notes["features"], notes["classes"], notes["seed"]) == (iris.feature_names, iris.class_names, 0)
    X = standardize(iris.X, notes["means"], notes["deviations"])
    right = sum(int(n) for n in re.findall(r"\((\d+) of \d+ flowers\)", demo[1]))
    assert accuracy(model, X, iris.y) == right / 150


def test_the_same_seed_writes_the_same_weights(tmp_path: Path) -> None:
    written = []
    for folder in ("one", "two"):
        assert main(["--epochs", "2", "--seed", "3", "--out", str(tmp_path / folder)]) == 0
        written.append((tmp_path / folder / "iris-model.npz").read_bytes())
    assert written[0] == written[1]


def test_options_shape_the_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--hidden", "5", "4", "--activation", "relu", "--epochs", "2", "--lr", "0.01", "--batch-size", "40"]
    assert main([*options, "--no-progress", "--out", str(tmp_path)]) == 0
    assert "MLP(4, [5, 4, 3], activation='relu'): 64 parameters\nHistory(2 epochs" in capsys.readouterr().out
    load_checkpoint(tmp_path / "iris-model.npz", model=MLP(4, [5, 4, 3]))


@pytest.mark.filterwarnings("ignore:training stopped")
def test_a_training_that_diverges_exits_with_1_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lr", "1e300", "--activation", "relu", "--epochs", "9", "--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "stopped='diverged'" in printed.out
    assert "nothing was written, as nothing was learnt" in printed.err
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_it_says_how_to_get_it_and_does_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["--epochs", "1", "--out", str(tmp_path)]) == 0
    assert "no loss curve: plots need matplotlib: pip install scalar-autograd[plots]\n" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["iris-model.npz", "iris-neuron.svg"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "0"], "argument --epochs: it must be 1 or more, not 0"),
        (["--epochs", "many"], "argument --epochs: it must be a whole number, not 'many'"),
        (["--hidden", "16", "-3"], "argument --hidden: it must be 1 or more, not -3"),
        (["--lr", "nan"], "argument --lr: it must be a finite number above 0, not nan"),
        (["--lr", "fast"], "argument --lr: it must be a number, not 'fast'"),
        (["--activation", "swish"], "argument --activation: invalid choice: 'swish' (choose from"),
        (["--momentum", "0.9"], "unrecognized arguments: --momentum 0.9"),
    ],
)
def test_a_bad_option_exits_with_2_and_says_why(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(options)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as stopped:
        main(["--out", str(tmp_path / "file")])
    assert stopped.value.code == 2
    assert f"argument --out: cannot make the folder {tmp_path / 'file'}: File exists" in capsys.readouterr().err


def test_help_tells_every_option_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for option in ("--epochs", "--hidden", "--activation", "--lr", "--batch-size", "--seed", "--out", "--no-progress"):
        assert option in shown
    assert "(default: 50)" in shown
