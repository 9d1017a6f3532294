"""Curves on data that fit does not validate on: the callback runs its own batched pass on the device."""

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from curveboard import CurveLogger

x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(scale(x), y, random_state=0, stratify=y)

keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((30,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy")
model.fit(
    x_train,
    y_train,
    epochs=6,
    callbacks=[CurveLogger("logs/logistic", (x_test, y_test), class_names=["malignant", "benign"], freq=2, verbose=1)],
    verbose=0,
)
