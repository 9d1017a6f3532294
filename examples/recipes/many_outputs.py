"""200 yes-or-no questions answered by one model: exact curves of all 200, macro and micro averages, each epoch."""

import keras
import numpy as np

from curveboard import CurveLogger, read_curves

rng = np.random.default_rng(0)
x = rng.normal(size=(3000, 40)).astype("float32")
noise = rng.normal(size=(3000, 200)) * np.linspace(0.5, 20, 200)  # from easy questions to hard ones
y = (x @ rng.normal(size=(40, 200)) + noise > 4).astype("float32")
x_train, x_validation, y_train, y_validation = x[:2000], x[2000:], y[:2000], y[2000:]

keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((40,)), keras.layers.Dense(200, activation="sigmoid")])
model.compile(keras.optimizers.Adam(0.02), loss="binary_crossentropy")
model.fit(
    x_train,
    y_train,
    epochs=4,
    validation_data=(x_validation, y_validation),
    callbacks=[CurveLogger("logs/net", class_names=[f"question {number}" for number in range(200)])],
    verbose=0,
)

for record in read_curves("logs"):
    print(f"epoch {record.step}: ROC-AUC macro {record['macro'].roc_auc:.4f}, micro {record['micro'].roc_auc:.4f}")
hardest = sorted(record.curves, key=lambda curve: curve.roc_auc)[:3]
print("hardest:", ", ".join(f"{curve.name} ({curve.roc_auc:.3f})" for curve in hardest))
