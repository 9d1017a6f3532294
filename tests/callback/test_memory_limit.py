"""Above `memory_limit` scores are counted in a stream: constant memory, exact counts, areas with bounds that hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from keras import ops

from curveboard import CurveLogger, read_curves
from curveboard.collect import SINGLE, Collector, Reading, Scores
from curveboard.logger import _bytes_of

if TYPE_CHECKING:
    from pathlib import Path

    from curveboard.record import Record

N = 20_000
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 5)).astype(np.float32)
BINARY = (X[:, 0] + RNG.normal(size=N) > 0).astype(np.int64)
CLASSES = RNG.integers(0, 4, N)
TASKS = {
    "binary": (1, "sigmoid", "binary_crossentropy", BINARY),
    "two columns": (2, "softmax", "sparse_categorical_crossentropy", BINARY),
    "multiclass": (4, "softmax", "sparse_categorical_crossentropy", CLASSES),
    "multilabel": (4, "sigmoid", "binary_crossentropy", np.eye(4, dtype=np.int64)[CLASSES]),
    "logits": (4, None, keras.losses.SparseCategoricalCrossentropy(from_logits=True), CLASSES),
}


class Total:
    """A stream that adds up what it is given."""

    def __init__(self) -> None:
        self.portions: list[Scores] = []

    def add(self, scores: Scores) -> None:
        self.portions.append(scores)


def batches(collector: Collector, n: int) -> None:
    for start in range(n):
        scores = np.full((10, 1), start / n, np.float32)
        collector.append(collector.encode(ops.zeros((10, 1)), ops.convert_to_tensor(scores), None))


def test_portions_are_handed_over_to_everyone_in_order() -> None:
    collector = Collector(Reading(memory_limit=100 * 4))
    streams: dict[tuple[int, str], Total] = {}

    def opener(number: int) -> Any:
        return lambda head, first: streams.setdefault((number, head), Total())

    numbers = [collector.stream_to(opener(number)) for number in (0, 1)]
    batches(collector, 25)
    taken = [collector.take(number)[SINGLE] for number in numbers]
    assert taken == [streams[0, SINGLE], streams[1, SINGLE]]
    for stream in streams.values():
        sizes = [len(portion.values) for portion in stream.portions]
        assert sizes == [110, 110, 30]  # as soon as the limit is exceeded
        values = np.concatenate([portion.values for portion in stream.portions])
        np.testing.assert_array_equal(values[:, 0], np.repeat(np.arange(25) / 25, 10).astype(np.float32))


def test_what_fits_is_kept_and_the_next_pass_begins_anew() -> None:
    collector = Collector(Reading(memory_limit=100 * 4))
    collector.stream_to(lambda head, first: Total())
    batches(collector, 10)
    assert isinstance(collector.take()[SINGLE], Scores)
    collector.forget()
    batches(collector, 25)  # nobody counts
    assert len(collector.take()[SINGLE].values) == 250


def fit(name: str, log_dir: Path, own_pass: bool, memory_limit: int | str, **options: Any) -> tuple[Record, Any]:
    units, activation, loss, y = TASKS[name]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(units, activation)])
    model.compile("sgd", loss)
    logger = CurveLogger(
        log_dir,
        (X, y) if own_pass else None,
        from_logits=name == "logits",
        batch_size=1000,
        memory_limit=memory_limit,
        class_names=options.pop("class_names", None),
        **options,
    )
    validation = {} if own_pass else {"validation_data": (X, y), "validation_batch_size": 1000}
    history = model.fit(X[:100], y[:100], epochs=2, verbose=0, callbacks=[logger], **validation)
    return list(read_curves(log_dir))[-1], history.history


@pytest.mark.parametrize("own_pass", [False, True])
@pytest.mark.parametrize("name", TASKS)
def test_a_streamed_record_has_exact_counts_and_bounds_that_hold(name: str, own_pass: bool, tmp_path: Path) -> None:
    exact, _ = fit(name, tmp_path / "exact", own_pass, "1GiB")
    with pytest.warns(UserWarning, match="scores of validation data exceed memory_limit; head 'output'") as caught:
        streamed, history = fit(name, tmp_path / "streamed", own_pass, "20 KB")
    assert len([warning for warning in caught if "memory_limit" in str(warning.message)]) == 1
    assert exact.curves[0].roc_auc_bounds is None
    assert (streamed.task, streamed.n_examples) == (exact.task, N)
    np.testing.assert_array_equal(streamed.confusion, exact.confusion)
    for one, other in zip(streamed.curves, exact.curves, strict=True):
        assert (one.positives, one.negatives) == (other.positives, other.negatives)
        assert one.roc_auc_bounds is not None
        assert one.average_precision_bounds is not None
        assert one.roc_auc_bounds[0] <= other.roc_auc <= one.roc_auc_bounds[1]
        assert one.average_precision_bounds[0] <= other.average_precision <= one.average_precision_bounds[1]
    assert history["val_roc_auc"][-1] == streamed.roc_auc


def test_wrong_data_is_told_in_the_midst_of_the_pass(tmp_path: Path) -> None:
    wrong = BINARY.copy()
    wrong[N // 2] = 7
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    callbacks = [CurveLogger(tmp_path, memory_limit=1000)]
    with (
        pytest.warns(UserWarning, match="memory_limit"),
        pytest.raises(ValueError, match=r"validation, epoch 0, head 'output': expected labels 0 or 1; received 1 "),
    ):
        model.fit(X[:100], BINARY[:100], validation_data=(X, wrong), verbose=0, callbacks=callbacks)
    assert not list(tmp_path.rglob("*tfevents*"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [(1000, 1000), ("1000", 1000), ("1GiB", 2**30), ("1.5 KiB", 1536), ("2 gb", 2 * 10**9), ("500B", 500)],
)
def test_sizes(given: int | str, expected: int) -> None:
    assert _bytes_of(given) == expected


@pytest.mark.parametrize("given", ["much", "1.2.3GB", "-1", 0, "5 pounds", ""])
def test_what_is_no_size(given: int | str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected memory_limit in bytes, or such as '1GiB'; received"):
        CurveLogger(tmp_path, memory_limit=given)
