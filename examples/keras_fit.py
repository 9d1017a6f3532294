"""ROC, PR and confusion matrix of every epoch of a Keras model, and early stopping on ROC-AUC."""

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from curveboard import CurveLogger

x, y = load_digits(return_X_y=True)
x_train, x_validation, y_train, y_validation = train_test_split(x / 16, y, random_state=0, stratify=y)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", loss="sparse_categorical_crossentropy")
history = model.fit(
    x_train,
    y_train,
    epochs=5,
    validation_data=(x_validation, y_validation),
    callbacks=[
        CurveLogger("logs/mlp", class_names=[f"digit {digit}" for digit in range(10)]),
        keras.callbacks.EarlyStopping("val_roc_auc", mode="max", patience=5, restore_best_weights=True),
    ],
    verbose=2,
)
print("macro ROC-AUC per epoch:", [round(area, 4) for area in history.history["val_roc_auc"]])
