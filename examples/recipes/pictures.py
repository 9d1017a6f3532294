"""A PNG of the ROC curves, PR curves and confusion matrix of each epoch, in a folder.

`curveboard export logs --format png` does the same from the command line.
"""

from pathlib import Path

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from curveboard import CurveLogger, read_curves
from curveboard.plot import figure

x, y = load_digits(return_X_y=True)
x_train, x_validation, y_train, y_validation = train_test_split(x / 16, y, random_state=0, stratify=y)

keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", loss="sparse_categorical_crossentropy")
model.fit(
    x_train,
    y_train,
    epochs=3,
    validation_data=(x_validation, y_validation),
    callbacks=[CurveLogger("logs/softmax", class_names=[f"digit {digit}" for digit in range(10)])],
    verbose=0,
)

folder = Path("pictures")
folder.mkdir(exist_ok=True)
for record in read_curves("logs/softmax"):
    figure(record).savefig(folder / f"epoch_{record.step:03d}.png")
    print(folder / f"epoch_{record.step:03d}.png")
