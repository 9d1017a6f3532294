"""One model, logged on one device or on several, as a program of its own: a process has its devices for life.

    python replicated.py one|mirrored|sharded LOG_DIR
    python replicated.py worker0|worker1 LOG_DIR ADDRESS ADDRESS

The last line it prints is the history, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from typing import Any

KIND, LOG_DIR, *ADDRESSES = sys.argv[1:]
os.environ["TF_CPP_MIN_LOG_LEVEL"], os.environ["CUDA_VISIBLE_DEVICES"] = "2", "-1"
if KIND == "sharded":
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
if KIND.startswith("worker"):
    cluster = {"cluster": {"worker": ADDRESSES}, "task": {"type": "worker", "index": int(KIND[-1])}}
    os.environ["TF_CONFIG"] = json.dumps(cluster)


def scope() -> Any:
    """Whatever spreads a model over devices."""
    if KIND == "sharded":
        import keras

        keras.distribution.set_distribution(keras.distribution.DataParallel())
    elif KIND != "one":
        import tensorflow as tf

        if KIND.startswith("worker"):
            return tf.distribute.MultiWorkerMirroredStrategy().scope()
        [cpu] = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()
    return nullcontext()


def main() -> None:
    with scope():  # first of all: a cluster must be there before anything is computed
        import keras

        from curveboard import CurveLogger
        from training import BINARY, N_TRAIN, X, build, fit

        model = build(metrics=[])
        model.optimizer.learning_rate = 0.0  # so that every kind predicts the same
    data = (X[N_TRAIN:-1], BINARY[N_TRAIN:-1])  # Keras on JAX wants batches that the devices can share out evenly
    if KIND.startswith("worker"):  # where Keras' `fit` does not run, a loop of the user's own calls the callbacks
        history = keras.callbacks.History()
        callbacks = keras.callbacks.CallbackList([CurveLogger(f"{LOG_DIR}/own", data), history], model=model)
        callbacks.on_train_begin()
        for epoch in range(2):
            callbacks.on_epoch_begin(epoch)
            callbacks.on_epoch_end(epoch, {})
        callbacks.on_train_end()
        print(json.dumps(history.history))
        return
    loggers = [CurveLogger(LOG_DIR, train_data="pass"), CurveLogger(f"{LOG_DIR}/own", data, batch_size=30)]
    print(json.dumps(fit(model, BINARY, loggers, batch_size=24, validation_data=data)))


if __name__ == "__main__":
    main()
