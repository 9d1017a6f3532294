"""The command line: what it prints, writes and exits with; numbers are scikit-learn's."""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn import metrics

from curveboard import CurveWriter, read_curves
from curveboard.cli import main, predictions
from curveboard.cli.export import _csv_cell, _file_name
from curveboard.cli.terminal import Progress, print_table, sparkline
from curveboard.measure import measure

ROOT = Path(__file__).parent.parent.parent
RNG = np.random.default_rng(11)
Y_TRUE = RNG.integers(0, 3, 400)
NAMES = ["cat", "dog", "=eel"]


def scores(step: int) -> Any:
    """Scores that grow better with the steps."""
    noise = np.random.default_rng(step).dirichlet([1, 1, 1], 400)
    return noise * (1 - step / 12) + np.eye(3)[Y_TRUE] * step / 12


@pytest.fixture(scope="module")
def log_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of three epochs, the first of which has two heads."""
    folder = tmp_path_factory.mktemp("logs")
    for run, ahead in (("net", 0), ("forest", 1)):
        with CurveWriter(folder / run) as writer:
            for step in range(3):
                score = scores(step + ahead)
                writer.write(step, Y_TRUE, score, class_names=NAMES)
                if run == "net":
                    writer.write(step, Y_TRUE == 0, score[:, 0], head="is_cat", class_names=["rest", "cat"])
    return folder


def words(line: str) -> list[str]:
    return line.split()


def cells(printed: str) -> dict[str, list[float]]:
    """Rows of a report by their names."""
    rows = {}
    for line in printed.splitlines()[2:]:
        name, *values = line.replace(" avg", "_avg").split()
        rows[name] = [float(value.replace(",", "")) for value in values]
    return rows


# ---- inspect


def test_inspect_has_a_line_for_each_run_and_head(log_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(log_dir)]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.startswith("run")
    assert [words(line)[:2] for line in lines] == [
        ["forest/validation", "output"],
        ["net/validation", "is_cat"],
        ["net/validation", "output"],
    ]
    line = words(lines[2])
    areas = [metrics.roc_auc_score(Y_TRUE, scores(step), multi_class="ovr") for step in range(3)]
    precisions = [metrics.average_precision_score(Y_TRUE, scores(step)) for step in range(3)]
    assert line[2:7] == ["3", "classes", "400", "3", "(0-2)"]
    assert line[7:12] == [
        f"{areas[-1]:.4f}",
        f"{max(areas):.4f}",
        "2",
        f"{precisions[-1]:.4f}",
        f"{max(precisions):.4f}",
    ]
    assert line[12] == sparkline(areas)


def test_a_report_is_that_of_scikit_learn(log_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["inspect", str(log_dir), "--report", "--run", "net/validation", "--head", "output", "--step", "1"]) == 0
    )
    printed = capsys.readouterr().out
    assert printed.startswith("net/validation, output, epoch 1, 400 examples: decided for the highest score\n")
    expected = metrics.classification_report(
        Y_TRUE, scores(1).argmax(1), target_names=NAMES, output_dict=True, zero_division=np.nan
    )
    found = cells(printed)
    assert found.pop("accuracy") == pytest.approx([expected.pop("accuracy"), 400], abs=5e-5)
    assert set(found) == {name.replace(" ", "_") for name in expected}
    for name, row in expected.items():
        assert found[name.replace(" ", "_")] == pytest.approx(list(row.values()), abs=5e-5)


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.77])
def test_a_report_at_any_threshold_is_that_of_the_one_it_names(
    log_dir: Path, capsys: pytest.CaptureFixture[str], threshold: float
) -> None:
    assert main(["inspect", str(log_dir), "--head", "is_cat", "--threshold", str(threshold)]) == 0
    printed = capsys.readouterr().out
    named = float(words(printed.split("decided at ")[1])[0].rstrip(","))
    assert named == pytest.approx(threshold, abs=0.1)
    expected = metrics.classification_report(
        Y_TRUE == 0, scores(2)[:, 0] >= named, target_names=["rest", "cat"], output_dict=True, zero_division=np.nan
    )
    assert cells(printed)["cat"] == pytest.approx(list(expected["cat"].values()), abs=5e-5)
    assert cells(printed)["weighted_avg"] == pytest.approx(list(expected["weighted avg"].values()), abs=5e-5)


def test_a_report_of_several_classes_at_a_threshold_decides_for_each(
    log_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(log_dir), "--report", "--run", "forest/validation", "--threshold", "0.4"]) == 0
    found = cells(capsys.readouterr().out)
    predicted = np.column_stack([scores(3)[:, c] >= found[name][-1] for c, name in enumerate(NAMES)])
    expected = metrics.classification_report(
        np.eye(3)[Y_TRUE], predicted, target_names=NAMES, output_dict=True, zero_division=np.nan
    )
    for name in ("cat", "dog", "=eel", "micro avg", "macro avg", "weighted avg"):
        assert found[name.replace(" ", "_")][:4] == pytest.approx(list(expected[name].values()), abs=5e-5)


def test_a_report_of_logits_takes_a_probability(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logits = RNG.normal(size=500) + (y := RNG.random(500) < 0.4)
    with CurveWriter(tmp_path, from_logits=True) as writer:
        writer.write(0, y, logits)
    assert main(["inspect", str(tmp_path), "--report", "--threshold", "0.6"]) == 0
    printed = capsys.readouterr().out
    named = float(words(printed.split("decided at logit ")[1])[0].rstrip(","))
    assert cells(printed)["1"][0] == pytest.approx(metrics.precision_score(y, logits >= named), abs=5e-5)
    assert named == pytest.approx(np.log(0.6 / 0.4), abs=0.1)


def test_what_is_not_defined_is_a_dash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with CurveWriter(tmp_path) as writer, pytest.warns(UserWarning, match="NaN"):
        writer.write(0, [0, 0], [0.1, 0.2])
    assert main(["inspect", str(tmp_path)]) == 0
    assert words(capsys.readouterr().out.splitlines()[1])[5:10] == ["(0)", "–", "–", "0", "–"]
    assert main(["inspect", str(tmp_path), "--report"]) == 0
    assert words(capsys.readouterr().out.splitlines()[3]) == ["1", "–", "–", "–", "0"]


def test_an_estimate_is_called_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    curve = replace(record.curves[0], roc_auc_bounds=(0.74999, 0.75001), average_precision_bounds=(0.83, 0.84))
    with CurveWriter(tmp_path) as writer:
        writer.write_record(0, replace(record, curves=(curve,)))
    assert main(["inspect", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "validation, output, epoch 0: an estimate, the AUC is between 0.7499 and 0.7501"
    assert main(["export", str(tmp_path), "--format", "csv", "json", "parquet", "--output", str(tmp_path)]) == 0
    assert pd.read_csv(tmp_path / "areas.csv")["exact"].tolist() == [False]
    assert json.loads((tmp_path / "records.json").read_text())[0]["curves"][0]["roc_auc_bounds"] == [0.74999, 0.75001]


# ---- compare


def test_compare_has_the_unpaired_interval_of_the_difference(log_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(log_dir / "net"), str(log_dir / "forest"), "--confidence", "0.9"]) == 0
    lines = {words(line)[0]: words(line)[1:] for line in capsys.readouterr().out.splitlines()[2:]}
    assert list(lines) == [*NAMES, "micro", "macro"]
    a, b = (list(read_curves(log_dir / run, head="output"))[-1] for run in ("net", "forest"))
    half = 1.6448536 * math.hypot(a.curves[1].roc_auc_se, b.curves[1].roc_auc_se)
    shift = b.curves[1].roc_auc - a.curves[1].roc_auc
    expected = [a.curves[1].roc_auc, b.curves[1].roc_auc, shift, shift - half, shift + half]
    assert [float(cell) for cell in lines["dog"][:5]] == pytest.approx(expected, abs=5e-5)
    assert lines["macro"][3:5] == ["–", "–"]
    assert float(lines["macro"][7]) == pytest.approx(b.average_precision - a.average_precision, abs=5e-5)


# ---- export


def test_tables_are_what_is_stored(log_dir: Path, tmp_path: Path) -> None:
    arguments = [
        "export",
        str(log_dir),
        "--format",
        "csv",
        "json",
        "parquet",
        "--output",
        str(tmp_path / "new" / "out"),
    ]
    assert main(arguments) == 0
    out = tmp_path / "new" / "out"
    records = list(read_curves(log_dir))
    areas = pd.read_csv(out / "areas.csv")
    assert len(areas) == 6 * 5 + 3
    macro = areas[areas["class"] == "macro"]
    assert macro["roc_auc"].tolist() == [record.roc_auc for record in records if record.macro is not None]
    for name in ("areas", "points", "confusion"):
        table = pd.read_parquet(out / f"{name}.parquet")
        again = pd.read_csv(out / f"{name}.csv", keep_default_na=False, na_values=["NaN"])
        again = again.replace("'=eel", "=eel")
        pd.testing.assert_frame_equal(table, again, check_dtype=False)
    said = json.loads((out / "records.json").read_text("utf-8"))
    assert [one["roc_auc"] for one in said] == [record.roc_auc for record in records]


def test_a_spreadsheet_computes_no_cell(log_dir: Path, tmp_path: Path) -> None:
    assert main(["export", str(log_dir), "--format", "csv", "--output", str(tmp_path)]) == 0
    with (tmp_path / "confusion.csv").open(encoding="utf-8", newline="") as file:
        values = [cell for row in csv.reader(file) for cell in row]
    assert "'=eel" in values
    assert not [cell for cell in values if cell.startswith(("=", "+", "@", "-"))]


def test_pictures_are_named_by_run_head_and_step(log_dir: Path, tmp_path: Path) -> None:
    arguments = ["export", str(log_dir), "--format", "png", "svg", "--output", str(tmp_path), "--step", "best"]
    assert main([*arguments, "--dpi", "30", "--run", "net/validation"]) == 0
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")) == [
        "net/validation/is_cat_0002.png",
        "net/validation/is_cat_0002.svg",
        "net/validation/output_0002.png",
        "net/validation/output_0002.svg",
    ]
    assert "<svg" in (tmp_path / "net" / "validation" / "is_cat_0002.svg").read_text("utf-8")


@given(st.lists(st.text(min_size=1), min_size=2, unique=True))
@example(["a/b", "..", ".", 'x<>:"\\|?*\n', "100%", "%2E%2E", "été"])
def test_no_name_leaves_the_folder_or_meets_another(names: list[str]) -> None:
    made = [_file_name(name) for name in names]
    assert len(set(made)) == len(names)
    assert not [name for name in made if set(name) & set('/\\<>:"|?*\n\0') or not name.strip(".")]


@given(st.text())
def test_a_cell_of_text_is_no_formula_and_loses_nothing(text: str) -> None:
    cell = _csv_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in (text, f"'{text}")


# ---- log


def write_file(path: Path, kind: str) -> list[str]:
    """Writes the predictions as a file of a kind; returns what names its columns."""
    score, weight = scores(2), np.arange(400) % 3
    if kind == "npz":
        np.savez(path, y_true=Y_TRUE, y_score=score.astype(np.float32), w=weight)
        return ["--weight", "w", "--class-names", *NAMES]
    frame = pd.DataFrame({"label": np.array(NAMES)[Y_TRUE], **dict(zip(NAMES, score.T, strict=True)), "w": weight})
    if kind == "parquet":
        frame.astype({"label": "category"}).to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    return ["--true", "label", "--score", *NAMES, "--weight", "w"]


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "tsv", "npz", "parquet"])
def test_a_file_becomes_the_record_of_all_its_pieces(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictions, "CHUNK", 150)  # two whole pieces and a rest
    path = tmp_path / f"p.{kind}"
    columns = write_file(path, kind)
    arguments = ["log", str(path), "--logdir", str(tmp_path / "run"), "--step", "7", "--split", "test", *columns]
    assert main(arguments) == 0
    (record,) = read_curves(tmp_path / "run")
    assert (record.run, record.step, record.class_names, record.n_examples) == ("test", 7, tuple(NAMES), 400)
    weight, score = np.arange(400) % 3, scores(2)
    for index, curve in enumerate(record.curves):
        expected = metrics.roc_auc_score(np.eye(3)[Y_TRUE, index], score[:, index], sample_weight=weight)
        assert curve.roc_auc == pytest.approx(expected, abs=1e-6 if kind == "npz" else 1e-12)
    np.testing.assert_array_equal(
        record.confusion, metrics.confusion_matrix(Y_TRUE, score.argmax(1), sample_weight=weight)
    )
    assert (
        f"400 examples in {tmp_path / 'run' / 'test'}, epoch 7: ROC-AUC {record.roc_auc:.4f}" in capsys.readouterr().out
    )


@pytest.mark.parametrize("labels", [["0", "1"], ["0.0", "1.0"], ["False", "True"], ["ham", "spam"]])
def test_two_classes_are_one_column(labels: list[str], tmp_path: Path) -> None:
    y = RNG.random(100) < 0.4
    score = RNG.random(100) + y
    rows = "\n".join(f"{labels[int(true)]},{one!r}" for true, one in zip(y, score.tolist(), strict=True))
    (tmp_path / "p.csv").write_text(f"y_true,y_score\n{rows}\n\n")
    names = ["--class-names", *labels] if labels[0] == "ham" else []
    assert main(["log", str(tmp_path / "p.csv"), "--logdir", str(tmp_path / "run"), *names]) == 0
    (record,) = read_curves(tmp_path / "run")
    assert record.roc_auc == pytest.approx(metrics.roc_auc_score(y, score), abs=1e-12)


def test_labels_in_several_columns_need_their_task(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    y = RNG.integers(0, 2, (50, 3))
    np.savez(tmp_path / "p.npz", y_true=y, y_score=(score := RNG.random((50, 3))))
    arguments = ["log", str(tmp_path / "p.npz"), "--logdir", str(tmp_path / "run")]
    assert main(arguments) == 1
    assert "expected --task multiclass or multilabel" in capsys.readouterr().err
    assert main([*arguments, "--task", "multilabel"]) == 0
    (record,) = read_curves(tmp_path / "run")
    assert record.roc_auc == pytest.approx(metrics.roc_auc_score(y, score), abs=1e-12)


def test_a_packed_array_is_never_in_memory_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "CHUNK", 100)
    y = np.arange(1000) % 2
    np.savez_compressed(tmp_path / "p.npz", y_true=y, y_score=y / 2)
    columns = predictions.Columns(["y_true"], ["y_score"])
    pieces = list(predictions.read_predictions(tmp_path / "p.npz", columns))
    assert [len(piece.y_true) for piece in pieces] == [100] * 10
    np.testing.assert_array_equal(np.concatenate([piece.y_score for piece in pieces]), y / 2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.csv", "label,score\n0,1\n", "expected columns y_true, y_score; received a file with label, score"),
        ("p.csv", "", "received a file with none"),
        ("p.csv", "y_true,y_score\n", "expected predictions; received none"),
        ("p.csv", "y_true,y_score\n0,0.5\n1\n", "expected 2 values in each row of .*; received '1'"),
        ("p.csv", "y_true,y_score\n0,high\n", "expected scores; received text: .*'high'"),
        ("p.csv", "y_true,y_score\n0,nan\n", "expected finite scores; received 1 that are not"),
        ("p.csv", "y_true,y_score\n0.5,0.5\n", "expected hard labels"),
        ("p.csv", "y_true,y_score\nspam,0.5\n", "expected class_names with labels that are strings"),
        ("p.txt", "y_true,y_score\n0,0.5\n", "expected a file that ends in .csv, .tsv, .npz, .parquet; received"),
        ("p.npz", "no archive", "expected a whole npz file; received"),
        ("p.csv.gz", "not packed", "gzip"),
        ("p.parquet", "not parquet", "arquet"),
    ],
)
def test_a_wrong_file_is_one_line(
    name: str, content: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(content)
    assert main(["log", str(tmp_path / name), "--logdir", str(tmp_path / "run")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("curveboard: error: ")
    assert re.search(message, line)
    assert not (tmp_path / "run").exists()


def test_arrays_that_cannot_be_read_in_pieces_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    y = np.arange(6) % 2
    for arrays, message in (
        ({"y_true": y, "y_score": np.asfortranarray(RNG.random((6, 3)))}, "in Fortran order"),
        ({"y_true": y.astype(object), "y_score": y}, "received object"),
        ({"y_true": y, "y_score": y[:4]}, "expected arrays of one length"),
    ):
        np.savez(tmp_path / "p.npz", **arrays)
        assert main(["log", str(tmp_path / "p.npz"), "--logdir", str(tmp_path / "run")]) == 1
        assert message in capsys.readouterr().err


def test_a_damaged_end_of_a_packed_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = gzip.compress(b"y_true,y_score\n" + b"0,0.5\n1,0.25\n" * 1000)
    (tmp_path / "p.csv.gz").write_bytes(packed[:-20])
    assert main(["log", str(tmp_path / "p.csv.gz"), "--logdir", str(tmp_path / "run")]) == 1
    assert "expected a whole csv file" in capsys.readouterr().err


# ---- all of them


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inspect", "nowhere"], "expected an existing log directory; received 'nowhere'"),
        (["inspect", "."], "expected records of curveboard in .; received none"),
        (["inspect", ".", "--step", "0"], "expected records at step 0 of curveboard in .; received none"),
        (["export", ".", "--format", "csv"], "expected records of curveboard in ."),
        (["log", "nothing.csv", "--logdir", "x"], "expected a file of predictions; received nothing.csv"),
        (["compare", ".", "."], "expected records at step last of curveboard in ."),
        (["compare", ".", ".", "--confidence", "2"], "received 2.0"),
    ],
)
def test_nothing_there_is_exit_status_1(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["demo", "inspect", "export", "log", "compare"])
def test_help_has_examples_that_can_be_read(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    from curveboard.cli.options import parser

    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    examples = capsys.readouterr().out.split("examples:\n")[1].splitlines()
    assert examples
    for line in examples:
        program, *arguments = words(line)
        assert program == "curveboard"
        assert parser().parse_args(arguments).module.startswith(command)


@pytest.mark.parametrize(
    "arguments", [["inspect"], ["inspect", ".", "--step", "first"], ["export", "."], ["log", "p.csv"], ["log", "-1"]]
)
def test_wrong_usage_is_exit_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: curveboard" in capsys.readouterr().err


def command(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "callback"),
        "PYTHONIOENCODING": options.pop("encoding", "utf8"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "curveboard.cli", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_interrupted_it_leaves_without_a_traceback(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.csv")  # a file that does not end
    process = command("log", tmp_path / "p.csv", "--logdir", tmp_path / "run")
    with (tmp_path / "p.csv").open("w") as pipe:  # waits until it is being read
        pipe.write("y_true,y_score\n0,0.5\n")
        pipe.flush()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == ""
    assert not (tmp_path / "run").exists()


def test_a_reader_that_has_read_enough_is_no_error(log_dir: Path) -> None:
    process = command("inspect", log_dir)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 0


def test_an_output_of_few_characters_is_served(log_dir: Path) -> None:
    printed, said = command("inspect", log_dir, encoding="ascii").communicate()
    assert said == ""
    assert printed.splitlines()[1].endswith("#")
    assert printed.isascii()


def test_tables_on_a_terminal_are_rich(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_table(["class", "AUC"], [["[bold]", "0.5"]])
    printed = capsys.readouterr().out
    assert "[bold]" in printed  # a name, not an order
    assert "──" in printed
    print_table(["class", "AUC"], [["a long name, longer than the terminal", "0.1234"]])
    assert "──" not in (printed := capsys.readouterr().out)
    assert "longer than the terminal  0.1234" in printed


def test_progress_is_shown_on_terminals_only(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    with Progress("examples") as progress:
        progress.advance(5)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("examples", 1_000_000) as progress:
        progress.advance(5000)
    assert "\r5,000 of 1,000,000 examples ..." in capsys.readouterr().err


def test_sparklines() -> None:
    assert sparkline([0, 1, math.nan, 0.5]) == "▁█ ▅"
    assert sparkline([0.5, 0.5]) == "▁▁"
    assert len(sparkline(list(range(1000)))) == 24
    assert sparkline([math.nan]) == " "
