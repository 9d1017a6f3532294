"""Several devices and processes: how many train a model, and which of them writes."""

from __future__ import annotations

from typing import Any

import keras


def obstacle_of_strategy(model: Any) -> str | None:
    """Says what a `tf.distribute` strategy does to a step's outputs, if they cannot be had whole; else None."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    strategy = model.distribute_strategy
    is_one_process = type(strategy) is tf.distribute.MirroredStrategy  # those derived from it are several
    if strategy.num_replicas_in_sync == 1 or is_one_process:
        return None
    return f"{type(strategy).__name__} reduces what its {strategy.num_replicas_in_sync} replicas return"


def is_chief(model: Any) -> bool:
    """Tells whether this process is the one that writes: the only one, or the first of several.

    All of them see the same scores and the same values, so that `EarlyStopping` acts alike in each.
    """
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return bool(jax.process_index() == 0)
    if backend != "tensorflow":
        return True
    resolver = model.distribute_strategy.cluster_resolver
    if resolver is None or not resolver.task_type or resolver.task_type == "chief":
        return True
    has_chief = bool(resolver.cluster_spec().as_dict().get("chief"))
    return bool(resolver.task_type == "worker" and resolver.task_id == 0 and not has_chief)
