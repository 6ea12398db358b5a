"""``python -m nn``: the demo, ``train``, ``predict``, ``show``, and the errors for invalid input."""

from __future__ import annotations

import csv
import io
import random
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import nn
from nn import (
    MLP,
    History,
    Neuron,
    accuracy,
    load_checkpoint,
    load_csv,
    load_iris,
    predict,
    save_checkpoint,
    standardize,
    train_test_split,
)
from nn.__main__ import main
from visualize.plots.course import shown_classes


class Run(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Run:
        capsys.readouterr()
        try:
            code = main(list(arguments))
        except SystemExit as stopped:  # raised by argparse
            code = stopped.code  # type: ignore[assignment]
        return Run(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the command without arguments, and return its output folder and printed text."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.chdir(folder)
        patch.setattr(sys.stdout, "write", printed.append)
        patch.setattr(sys, "argv", ["nn"])
        assert main() == 0
    return folder / "out", "".join(printed)


def write(rows: list[list[Any]], name: str = "t.csv") -> None:
    with Path(name).open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def line(n: int = 60) -> list[list[Any]]:
    """Return a table whose price depends almost linearly on a number and a category."""
    rng = random.Random(0)
    rows = [(rng.uniform(-5, 5), rng.choice("AB")) for _ in range(n)]
    return [["x", "kind", "price"], *([x, kind, 1000 + 20 * x + 50 * (kind == "B") + rng.gauss()] for x, kind in rows)]


# ---- the demo: train on iris ----


def test_the_demo_reports_the_number_of_correct_rows(demo: tuple[Path, str]) -> None:
    (share,) = re.findall(r"^on the 30 held-out rows: accuracy (\d\.\d+)$", demo[1], re.MULTILINE)
    assert float(share) >= 0.95
    by_class = re.findall(r"^  (\w+): (\d+) of (\d+) rows$", demo[1], re.MULTILINE)
    assert [name for name, _, _ in by_class] == load_iris().class_names
    assert sum(int(rows) for _, _, rows in by_class) == 30
    assert float(share) == round(sum(int(right) for _, right, _ in by_class) / 30, 3)


def test_the_demo_names_every_file_it_wrote(demo: tuple[Path, str]) -> None:
    pytest.importorskip("matplotlib")
    named = re.findall(r"^wrote (.*): ", demo[1], re.MULTILINE)
    assert named == ["out/iris-model.npz", "out/iris-loss.svg", "out/iris-neuron.svg"]
    assert sorted(named) == sorted(f"out/{path.name}" for path in demo[0].iterdir())


def test_the_picture_of_the_neuron_names_its_inputs_and_weights(demo: tuple[Path, str]) -> None:
    drawn = (demo[0] / "iris-neuron.svg").read_text(encoding="utf-8")
    for text in ("petal_width", "weight of petal_width", "bias", "output", "tanh", "grad"):
        assert text in drawn.replace("&#45;", "-").replace("&#160;", " ")


def test_the_picture_of_the_neuron_shows_only_the_gradients_of_its_own_output(demo: tuple[Path, str]) -> None:
    model, iris = MLP(4, [16, 3]), load_iris()
    inputs = load_checkpoint(demo[0] / "iris-model.npz", model=model)["inputs"]
    _, X_test, _, _ = train_test_split(iris.X, iris.y, seed=0, stratify=iris.y)
    neuron = model.layers[0].neurons[0]
    neuron(standardize(X_test[:1], *inputs)[0]).backward()
    drawn = (demo[0] / "iris-neuron.svg").read_text(encoding="utf-8").replace("&#45;", "-").replace("&#160;", " ")
    assert all(f"{weight.grad:.5g}" in drawn for weight in neuron.weights)


def test_the_trained_model_can_be_loaded_from_the_file(demo: tuple[Path, str]) -> None:
    model = MLP(4, [16, 3])
    notes = load_checkpoint(demo[0] / "iris-model.npz", model=model)
    iris = load_iris()
    assert (notes["columns"], notes["class_names"], notes["target"]) == (iris.columns, iris.class_names, "species")
    _, X_test, _, y_test = train_test_split(iris.X, iris.y, seed=0, stratify=iris.y)
    share = accuracy(model, standardize(X_test, *notes["inputs"]), y_test)
    assert f"on the 30 held-out rows: accuracy {share:.3f}\n" in demo[1]


def test_predict_prints_the_class_of_each_row_and_its_probability(demo: tuple[Path, str], run: Any) -> None:
    iris = load_iris()
    write([["petal_width", "remark", *iris.feature_names[:3]], *([row[3], "?", *row[:3]] for row in iris.X)])
    answer = run("predict", str(demo[0] / "iris-model.npz"), "t.csv")
    header, *rows = csv.reader(io.StringIO(answer.out))
    assert (answer.code, header) == (0, ["species", "probability"])
    model = MLP(4, [16, 3])
    inputs = load_checkpoint(demo[0] / "iris-model.npz", model=model)["inputs"]
    found = [iris.class_names[row.index(max(row))] for row in predict(model, standardize(iris.X, *inputs))]
    assert [name for name, _ in rows] == found
    assert all(1 / 3 < float(probability) <= 1 for _, probability in rows)
    sure = [float(probability) for name, probability in rows if name == "setosa"]  # well separated from the others
    assert min(sure) > 0.9


def test_show_describes_the_model_its_training_data_and_its_accuracy(demo: tuple[Path, str], run: Any) -> None:
    answer = run("show", str(demo[0] / "iris-model.npz"))
    assert answer.code == 0
    for text in (
        "classification of species (setosa, versicolor, virginica)",
        "MLP(4, [16, 3]) trained with optimizer adam, lr 0.01, epochs 50, batch_size 16, seed 0\n",
        "total     MLP(4, [16, 3])                   4 -> 3         131",
        "  petal_width: numbers",
        "on the 30 held-out rows: accuracy ",
    ):
        assert text in answer.out


def test_the_same_seed_writes_the_same_file(run: Any) -> None:
    for folder in ("one", "two"):
        assert run("--epochs", "2", "--seed", "3", "--out", folder).code == 0
    assert Path("one/iris-model.npz").read_bytes() == Path("two/iris-model.npz").read_bytes()


# ---- train ----


def test_an_amount_is_predicted_from_numbers_and_categories(run: Any) -> None:
    write(line())
    answer = run("train", "t.csv", "--target", "price", "--hidden", "8,4", "--epochs", "80")
    assert "regression of price from 2 other columns of t.csv\nMLP(3, [8, 4, 1]) trained with " in answer.out
    ((r2, error),) = re.findall(r"on the 12 held-out rows: r2 (\S+), root mean squared error (\S+)$", answer.out, re.MULTILINE)
    assert float(r2) > 0.97

    rows = line()
    answer = run("predict", "out/t-model.npz", "t.csv")
    header, *found = csv.reader(io.StringIO(answer.out))
    assert header == ["price"]
    errors = [float(price) - row[2] for (price,), row in zip(found, rows[1:], strict=True)]
    assert (sum(e * e for e in errors) / 60) ** 0.5 == pytest.approx(float(error), rel=0.7)
    assert "kind: A, B\n" in run("show", "out/t-model.npz").out


def test_a_replaced_network_for_another_target_is_named(run: Any) -> None:
    write(line())
    train = ("train", "t.csv", "--epochs", "1", "--target")
    assert "replaced" not in run(*train, "price").out
    assert "replaced" not in run(*train, "price").out  # the same task again
    assert f"\nreplaced {Path('out/t-model.npz')}, which predicted price\n" in run(*train, "x").out
    Path("out/t-model.npz").write_text("not a network", encoding="utf-8")
    assert "replaced" not in run(*train, "price").out


def test_r2_of_one_held_out_row_is_not_printed(run: Any) -> None:
    write([["x", "price"], [1, 2], [2, 3], [3, 5], [4, 7]])
    answer = run("train", "t.csv", "--target", "price", "--epochs", "1", "--test-size", "0.25")
    assert "on the 1 held-out row: r2 needs at least 2 rows, root mean squared error " in answer.out


def test_options_configure_the_network_and_its_training(run: Any) -> None:
    options = ["--hidden", "5,4", "--activation", "relu", "--epochs", "2", "--lr", "0.02", "--batch-size", "40"]
    assert run(*options, "--optimizer", "sgd", "--test-size", "0.4", "--seed", "7").code == 0
    notes = load_checkpoint("out/iris-model.npz", model=MLP(4, [5, 4, 3], "relu"))
    assert notes["shape"] == [4, [5, 4, 3], "relu"]
    assert notes["report"][1].endswith("trained with optimizer sgd, lr 0.02, epochs 2, batch_size 40, seed 7")
    assert notes["report"][2].startswith("on the 60 held-out rows: accuracy 0.")


def test_the_task_can_be_specified(run: Any) -> None:
    write([["x", "t"], *([i, i % 2] for i in range(10))])
    assert "classification of t (0, 1)" in run("train", "t.csv", "--target", "t", "--epochs", "1").out
    assert "regression of t" in run("train", "t.csv", "--target", "t", "--task", "regression", "--epochs", "1").out


def test_training_that_diverges_exits_with_1_and_writes_nothing(run: Any) -> None:
    answer = run("--lr", "1e300", "--activation", "relu", "--optimizer", "sgd", "--epochs", "9")
    assert answer.code == 1
    assert "stopped='diverged'" in answer.out
    assert answer.err.startswith("python -m nn train: training stopped: ")
    assert ".py" not in answer.err
    assert answer.err.endswith("no files were written, because the network was not trained\n")
    assert not list(Path().glob("out/*"))


@pytest.mark.parametrize("options", [("--epochs", "0"), ("--lr", "nan"), ("--batch-size", "-1"), ("--hidden", "0")])
def test_invalid_options_leave_no_folder_behind(run: Any, options: tuple[str, str]) -> None:
    assert run(*options).code == 2
    assert list(Path().iterdir()) == []


def test_interrupted_training_exits_with_130_and_saves_the_completed_epochs(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nn, "fit", lambda *arguments, **options: History(stopped="interrupted"))
    answer = run()
    assert (answer.code, list(Path().glob("out/*"))) == (130, [])
    losses = {"loss": [1.0, 0.5], "val_loss": [1.0, 0.5]}
    monkeypatch.setattr(nn, "fit", lambda *arguments, **options: History(losses, stopped="interrupted"))
    answer = run()
    assert answer.code == 130
    assert "History(2 epochs," in answer.out
    assert load_checkpoint("out/iris-model.npz", model=MLP(4, [16, 3]))["target"] == "species"


def test_without_matplotlib_train_prints_how_to_install_it_and_writes_the_other_files(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    shown_classes.cache_clear()  # other tests may have imported matplotlib
    answer = run("--epochs", "1")
    assert answer.code == 0
    assert (
        answer.err == "python -m nn train: warning: no loss curve: plots need matplotlib: pip install scalar-autograd[plots]\n"
    )
    assert sorted(path.name for path in Path("out").iterdir()) == ["iris-model.npz", "iris-neuron.svg"]


def test_tables_of_other_formats_are_read(run: Any) -> None:
    rows = [f"{i % 7:05};{i},5;{('nö', 'ja')[i % 2]}" for i in range(40)]
    Path("t.csv").write_text("\n".join(["plz;x;y", *rows]), encoding="cp1252")
    arguments = ("--encoding", "cp1252", "--decimal", ",")
    answer = run("train", "t.csv", "--target", "y", "--epochs", "1", "--categories", "plz", *arguments)
    assert (answer.code, "(ja, nö)" in answer.out) == (0, True)
    assert "plz: 00000, 00001," in run("show", "out/t-model.npz").out
    answer = run("predict", "out/t-model.npz", "t.csv", *arguments)
    assert (answer.code, len(answer.out.splitlines())) == (0, 41)
    answer = run("train", "t.csv", "--target", "y", "--encoding", "cp1252", "--categories", "plz")
    assert "column 'x' must be a finite number such as 1234.5, not '0,5'; pass --decimal , for decimal commas" in answer.err
    assert answer.err.endswith(", or pass --categories x if the column is text\n")
    answer = run("predict", "out/t-model.npz", "t.csv")
    assert answer.err.endswith("save it as CSV in UTF-8, or pass --encoding cp1252\n")
    answer = run("predict", "out/t-model.npz", "t.csv", "--encoding", "cp1252")
    assert answer.err.endswith("not '0,5'; pass --decimal , for decimal commas, or remove separators\n")


def test_a_column_is_left_out_on_request(run: Any) -> None:
    rows = [f"name {i},{i},{i % 2}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["the name,x,y", *rows]))
    answer = run("train", "t.csv", "--target", "y", "--epochs", "1")
    assert answer.err.endswith("not 60; group them, or pass --exclude 'the name' to leave it out\n")
    assert run("train", "t.csv", "--target", "y", "--epochs", "1", "--exclude", "the name").code == 0
    assert "columns:\n  x: numbers\n" in run("show", "out/t-model.npz").out
    assert run("predict", "out/t-model.npz", "t.csv").code == 0


def test_messages_do_not_name_options_that_the_command_does_not_have(run: Any) -> None:
    Path("t.csv").write_text("x,y\n1,a\nNA,b\n")
    answer = run("train", "t.csv", "--target", "y")
    assert answer.err.endswith("column 'x' is missing ('NA'); fill it in, or remove the row\n")
    Path("t.csv").write_text("x,y\n1,a\ninf,b\n")
    answer = run("train", "t.csv", "--target", "y")
    assert answer.err.endswith("not 'inf'; remove the row, or pass --categories x if the column is text\n")


def test_a_file_that_cannot_be_written_is_named_and_the_old_one_is_kept(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("--epochs", "1").code == 0
    before = Path("out/iris-model.npz").read_bytes()

    def fail(*names: object) -> None:
        raise OSError(28, "No space left on device", "out/iris-model.npz")

    monkeypatch.setattr("os.fsync", fail)
    answer = run("--epochs", "2")
    assert (answer.code, answer.err) == (
        2,
        "python -m nn train: error: [Errno 28] No space left on device: 'out/iris-model.npz'\n",
    )
    assert Path("out/iris-model.npz").read_bytes() == before
    assert not [path for path in Path("out").iterdir() if path.name.startswith(".")]


def test_a_picture_that_fails_is_a_warning_after_the_model_is_saved(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        assert Path("out/iris-model.npz").exists()
        raise RuntimeError("planted")

    monkeypatch.setattr(History, "plot", fail)
    monkeypatch.setattr("nn.__main__._draw_neuron", fail)
    answer = run("--epochs", "1")
    names = ("loss curve", "picture of a neuron")
    assert (answer.code, answer.err) == (0, "".join(f"python -m nn train: warning: no {name}: planted\n" for name in names))
    assert [path.name for path in Path("out").iterdir()] == ["iris-model.npz"]


@pytest.mark.parametrize("hidden", ["999999999", "1000,1000", "9" * 4000])
def test_a_network_that_is_too_large_is_refused(hidden: str, run: Any) -> None:
    answer = run("--hidden", hidden)
    assert answer.code == 2
    assert "the network must have at most 1,000,000 parameters, not " in answer.err
    assert "; use fewer neurons in --hidden, or fewer columns and categories\n" in answer.err
    assert not Path("out").exists()


# ---- invalid input ----


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        (None, (), r"No such file or directory: 't\.csv'"),
        ([], (), r"t\.csv has no rows; it must have a line with the names of the columns"),
        ([["x", "y"]], (), r"t\.csv has no rows; it must"),
        ([["x", "z"], [1, 2]], (), r"t\.csv has no column 'y', only 'x', 'z'"),
        ([["y"], [1]], (), r"t\.csv has no column except the target 'y'"),
        ([["x", "y"], [1, "a"], [2, "a"]], (), r"column 'y' must have at least two classes, not 'a' in every row"),
        (
            [["x", "y"], [1, "a"], ["?", "b"]],
            (),
            r"row 1 \(line 3\), column 'x' is missing \('\?'\); fill it in, or remove the row",
        ),
        (
            [["x", "y"], [1, "a"], [2, "b"], ["two", "b"]],
            (),
            r"row 2 \(line 4\), column 'x' must be a finite number such as 1234.5, not 'two'",
        ),
        ([["x", "y"], [1, "a"], [2, "b"], [3]], (), r"row 2 \(line 4\) has 1 entry, but the header has 2"),
        ([["x", "y"], [1, "a"], [2, "b"]], (), r"test_size = 0.2 of 2 rows leaves 0 rows to test on and 2 to train on"),
        (line(9), ("--target", "price", "--out", "t.csv/out"), r"Not a directory: 't\.csv/out'"),
    ],
)
def test_train_with_an_unusable_table_exits_with_2_and_a_reason_and_writes_nothing(
    table: Any, arguments: tuple[str, ...], message: str, run: Any
) -> None:
    if table is not None:
        write(table)
    before = list(Path().iterdir())
    answer = run("train", "t.csv", "--target", "y", *arguments)
    assert answer.code == 2
    assert re.fullmatch(f"python -m nn train: error: .*{message}.*\n", answer.err)
    assert list(Path().iterdir()) == before


@pytest.mark.parametrize("command", ["predict", "show"])
def test_a_file_that_is_not_a_model_exits_with_2_and_a_reason(command: str, run: Any) -> None:
    write(line())
    Path("text.npz").write_text("weights")
    save_checkpoint("other.npz", model=Neuron(2), epoch=3)
    save_checkpoint("mine.npz", model=Neuron(2), report="good")
    assert run("train", "t.csv", "--target", "price", "--epochs", "1").code == 0
    Path("half.npz").write_bytes(Path("out/t-model.npz").read_bytes()[:2000])
    for name, message in (
        ("none.npz", "[Errno 2] No such file or directory: 'none.npz'"),
        (
            "text.npz",
            "text.npz is not a checkpoint, or is damaged: it is not a .npz file, because it begins with b'weights'; use",
        ),
        ("half.npz", "half.npz is not a checkpoint, or is damaged: it has 2000 bytes, "),
        ("other.npz", "other.npz was not written by `python -m nn train`; it contains model, epoch"),
        ("mine.npz", "mine.npz was not written by `python -m nn train`; it contains model, report"),
    ):
        answer = run(command, name, *["t.csv"] * (command == "predict"))
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"python -m nn {command}: error: {message}")


def test_predict_with_an_unusable_table_exits_with_2_and_a_reason_and_prints_nothing(run: Any) -> None:
    write(line())
    assert run("train", "t.csv", "--target", "price", "--epochs", "1").code == 0
    tables: list[tuple[list[list[Any]], str]] = [
        ([["x"], [1]], "new.csv has no column 'kind', only 'x'"),
        (
            [["x", "kind"], [1, "C"]],
            "new.csv, row 0 (line 2), column 'kind' must be one of ['A', 'B'], not 'C'",
        ),
        (
            [["x", "kind"], [1, "A"], ["one", "B"]],
            "new.csv, row 1 (line 3), column 'x' must be a finite number such as 1234.5, not 'one'",
        ),
        ([["x", "kind"], [1, "A"], ["", "B"]], "new.csv, row 1 (line 3), column 'x' is missing ('')"),
    ]
    for table, message in tables:
        write(table, "new.csv")
        answer = run("predict", "out/t-model.npz", "new.csv")
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"python -m nn predict: error: {message}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "0"], "python -m nn train: error: epochs must be at least 1, not 0"),
        (["--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (["--hidden", "16,-3"], "argument --hidden: it must be positive integers, such as 16,16, not '16,-3'"),
        (["--hidden", "0"], "argument --hidden: it must be positive integers, such as 16,16, not '0'"),
        (["--hidden", "16,"], "argument --hidden: it must be positive integers, such as 16,16, not '16,'"),
        (["--lr", "nan"], "python -m nn train: error: lr must be positive and finite, not nan"),
        (["--lr", "fast"], "argument --lr: invalid float value: 'fast'"),
        (["--batch-size", "-1"], "python -m nn train: error: batch_size must be at least 1, not -1"),
        (["--seed", "1.5"], "argument --seed: invalid int value: '1.5'"),
        (["--activation", "swish"], "argument --activation: invalid choice: 'swish' (choose from"),
        (["--optimizer", "lbfgs"], "argument --optimizer: invalid choice: 'lbfgs' (choose from"),
        (["--momentum", "0.9"], "unrecognized arguments: --momentum 0.9"),
        (["--out", "file"], "python -m nn train: error: [Errno 17] File exists: 'file'"),
        (["--test-size", "1"], "test_size = 1.0 of 150 rows leaves 150 rows to test on and 0 to train on"),
        (["guess"], "argument command: invalid choice: 'guess' (choose from"),
        (["train", "t.csv"], "the following arguments are required: --target"),
    ],
)
def test_an_invalid_option_exits_with_2_and_a_reason(options: list[str], message: str, run: Any) -> None:
    Path("file").touch()
    answer = run(*options)
    assert answer.code == 2
    assert message in answer.err


def test_help_lists_every_command_and_option_with_its_default(run: Any) -> None:
    answer = run("--help")
    assert answer.code == 0
    assert all(command in answer.out for command in ("train", "predict", "show", "iris"))
    shown = " ".join(run("train", "--help").out.split())
    for option in (
        "--target", "--task", "--test-size", "--hidden", "--activation", "--optimizer", "--lr", "--epochs",
        "--batch-size", "--seed", "--out",
    ):  # fmt: skip
        assert option in shown
    assert "(default: 50)" in shown
    assert "None" not in shown


def test_the_demo_trains_on_the_file_that_load_iris_reads() -> None:
    from nn.__main__ import DEMO

    assert load_csv(DEMO[1], target=DEMO[3]) == load_iris()
