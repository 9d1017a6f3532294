"""Scores of one pass over data, collected on the device: in `fit`'s own validation pass, or in a pass of ours.

| module | knows |
|---|---|
| `heads` | which outputs, labels and weights belong together, and how they are laid out as rows |
| `collector` | how a batch is encoded, kept on the device and copied to the host |
| `steps` | how a test function that returns encodings is made, and how a model is given back as it was |
| `ride` | the validation pass that `fit` runs anyway |
| `own_pass` | a forward pass over other data |
"""

from __future__ import annotations

from curveboard.collect.collector import Collector, Scores
from curveboard.collect.heads import SINGLE, Head, Reading
from curveboard.collect.own_pass import OwnPass
from curveboard.collect.ride import Ride, fit_validates

__all__ = ["SINGLE", "Collector", "Head", "OwnPass", "Reading", "Ride", "Scores", "fit_validates"]
