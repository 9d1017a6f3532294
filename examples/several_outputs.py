"""A model with two classifying outputs: each has its curves, its values in the logs and its head in the dashboard."""

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from curveboard import CurveLogger

x, y = load_digits(return_X_y=True)
x_train, x_validation, y_train, y_validation = train_test_split(x / 16, y, random_state=0, stratify=y)

keras.utils.set_random_seed(0)
inputs = keras.Input((64,))
trunk = keras.layers.Dense(32, activation="relu")(inputs)
outputs = {
    "digit": keras.layers.Dense(10, activation="softmax", name="digit")(trunk),
    "even": keras.layers.Dense(1, activation="sigmoid", name="even")(trunk),
}
model = keras.Model(inputs, outputs)
model.compile("adam", loss={"digit": "sparse_categorical_crossentropy", "even": "binary_crossentropy"})
history = model.fit(
    x_train,
    {"digit": y_train, "even": y_train % 2 == 0},
    epochs=5,
    validation_data=(x_validation, {"digit": y_validation, "even": y_validation % 2 == 0}),
    callbacks=[
        CurveLogger("logs/two_heads", class_names={"even": ["odd", "even"]}),
        keras.callbacks.EarlyStopping("val_digit_roc_auc", mode="max", patience=5, restore_best_weights=True),
    ],
    verbose=2,
)
for head in ("digit", "even"):
    print(f"ROC-AUC of {head} per epoch:", [round(area, 4) for area in history.history[f"val_{head}_roc_auc"]])
