"""Scores of one pass over data, collected on the device: in the passes that `fit` runs anyway, or in one of ours.

| module | knows |
|---|---|
| `heads` | which outputs, labels and weights belong together, and how they are laid out as rows |
| `collector` | how a batch is encoded, kept on the device and copied to the host |
| `steps` | how a function that returns encodings is made, and how a model is given back as it was |
| `boarding` | how the function of a pass is exchanged for one that collects |
| `ride` | the passes that `fit` runs anyway, and what to do where they cannot be boarded |
| `running_fit` | what `fit` tells no callback |
| `replicas` | several devices and processes |
| `own_pass` | a forward pass over other data |
"""

from __future__ import annotations

from curveboard.collect.collector import Collector, Scores, Stream, Taken
from curveboard.collect.heads import MEMORY_LIMIT, SINGLE, Head, Reading
from curveboard.collect.own_pass import OwnPass
from curveboard.collect.replicas import is_chief
from curveboard.collect.ride import Ride
from curveboard.collect.running_fit import running_fit

__all__ = [
    "MEMORY_LIMIT",
    "SINGLE",
    "Collector",
    "Head",
    "OwnPass",
    "Reading",
    "Ride",
    "Scores",
    "Stream",
    "Taken",
    "is_chief",
    "running_fit",
]
