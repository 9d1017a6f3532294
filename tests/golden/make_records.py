"""Writes the golden records: `<name>.cvbr` and, in words, `<name>.cvbr.json`.

    cd tests && python -m golden.make_records

The format is pinned by these files: run this only for a new version of it, under new names.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import handmade
from curveboard import wire
from curveboard.calibration import Calibration
from curveboard.record import ConfidenceCurve

if TYPE_CHECKING:
    from curveboard.record import Curve, MacroCurve, Record


def records() -> dict[str, Record]:
    """The records of all golden files, by name."""
    binary = handmade.record("binary", ("ham", "spam"), seed=1)
    logits = replace(binary.curves[0], thresholds=np.array([7.1, 1e-300, 0, -5e-324, -0.1, -1e300]))
    multiclass = handmade.record("multiclass", ("cat", "micro", "Äpfel 🍏"), seed=2)
    # A class without positives: its areas are undefined and its counts say why.
    absent = replace(
        multiclass.curves[1],
        tp=np.zeros(6, np.int64),
        positives=0,
        roc_auc=np.nan,
        average_precision=np.nan,
        roc_auc_se=np.nan,
    )
    return {
        "calibrated": calibrated(),
        "streamed": streamed(),
        "binary": replace(binary, curves=(logits,), from_logits=True, threshold=0.0, split="train"),
        "multiclass": replace(multiclass, curves=(multiclass.curves[0], absent, multiclass.curves[2]), head="colour"),
        "multilabel": handmade.record("multilabel", [f"label {place}" for place in range(12)], seed=3, n_points=3),
        "weighted": handmade.record("multiclass", ("a", "b"), seed=4, weighted=True),
    }


def streamed() -> Record:
    """A record whose areas are estimates, but that of one class, which is exact."""
    made = handmade.record("multilabel", ("near", "exact"), seed=6)
    assert made.micro
    assert made.macro
    near, micro, macro = made.curves[0], made.micro, made.macro
    return replace(
        made,
        curves=(replace(near, **_bounds_around(near)), made.curves[1]),
        micro=replace(micro, **_bounds_around(micro)),
        macro=replace(macro, **_bounds_around(macro)),
    )


def _bounds_around(curve: Curve | MacroCurve) -> dict[str, Any]:
    return {
        "roc_auc_bounds": (curve.roc_auc - 0.125, curve.roc_auc + 2**-40),
        "average_precision_bounds": (curve.average_precision, curve.average_precision + 0.0625),
    }


def calibrated() -> Record:
    """A record with all that is optional about calibration and confidence."""
    made = handmade.record("multiclass", ("cat", "dog", "eel"), seed=5)
    rng = np.random.RandomState(5)
    calibrations = [calibration(rng, curve.name, curve.positives, curve.negatives) for curve in made.curves]
    confidence = handmade.curve("confidence", rng)
    return replace(
        made,
        calibrations=tuple(calibrations),
        confidence=ConfidenceCurve(
            **vars(confidence),
            aurc=0.25,
            calibration=calibration(rng, "confidence", confidence.positives, confidence.negatives),
        ),
        top_k=((1, 7), (3, 20)),
    )


def calibration(rng: np.random.RandomState, name: str, positives: float, negatives: float) -> Calibration:
    """Examples anywhere in the bins."""
    counts = [np.bincount(rng.randint(0, 20, int(total)), minlength=20) for total in (positives, negatives)]
    examples = counts[0] + counts[1]
    return Calibration(name, examples, counts[0], examples * (np.arange(20) + rng.random_sample(20)) / 20, 0.125)


def in_words(record: Record) -> dict[str, Any]:
    """A record as JSON; NaN is null."""
    curve = ("name", "thresholds", "tp", "fp", "positives", "negatives", "roc_auc", "average_precision", "roc_auc_se")
    macro = ("fpr", "tpr", "recall", "precision", "roc_auc", "average_precision")
    own = ("task", "class_names", "split", "head", "n_examples", "threshold", "tolerance", "from_logits", "confusion")
    return {
        **{key: _plain(getattr(record, key)) for key in own},
        "curves": [{key: _plain(getattr(one, key)) for key in curve} | _bounds_in_words(one) for one in record.curves],
        "micro": record.micro
        and {key: _plain(getattr(record.micro, key)) for key in curve} | _bounds_in_words(record.micro),
        "macro": record.macro
        and {key: _plain(getattr(record.macro, key)) for key in macro} | _bounds_in_words(record.macro),
        **(_reliability_in_words(record) if record.calibrations else {}),
    }


def _bounds_in_words(curve: Curve | MacroCurve) -> dict[str, Any]:
    bounds = {key: getattr(curve, key) for key in ("roc_auc_bounds", "average_precision_bounds")}
    return {key: list(pair) for key, pair in bounds.items() if pair}


def _reliability_in_words(record: Record) -> dict[str, Any]:
    keys = ("name", "examples", "positives", "score_sum", "brier")
    confidence = (
        "thresholds",
        "tp",
        "fp",
        "positives",
        "negatives",
        "roc_auc",
        "average_precision",
        "roc_auc_se",
        "aurc",
    )
    one = record.confidence
    return {
        "calibrations": [{key: _plain(getattr(each, key)) for key in keys} for each in record.calibrations],
        "confidence": one and {key: _plain(getattr(one, key)) for key in confidence},
        "confidence_calibration": one and {key: _plain(getattr(one.calibration, key)) for key in keys},
        "top_k": [list(pair) for pair in record.top_k],
    }


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | tuple):
        return np.asarray(value).tolist()
    return None if isinstance(value, float) and np.isnan(value) else value


HERE = Path(__file__).parent

if __name__ == "__main__":
    for name, record in records().items():
        (HERE / f"{name}.cvbr").write_bytes(wire.encode(record))
        words = json.dumps(in_words(wire.decode(wire.encode(record))), ensure_ascii=False, allow_nan=False)
        (HERE / f"{name}.cvbr.json").write_text(words + "\n", "utf-8")
