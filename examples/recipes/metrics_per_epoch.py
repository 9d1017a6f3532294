"""Precision, recall, F1 and the confusion matrix of each epoch, of two classes and of ten."""

import keras
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from curveboard import CurveLogger, read_curves

x, y = load_breast_cancer(return_X_y=True)
digits, labels = load_digits(return_X_y=True)
problems = {
    "cancer": (scale(x), y, ["malignant", "benign"]),
    "digits": (digits / 16, labels, [f"digit {digit}" for digit in range(10)]),
}
trained = {}
for run, (features, targets, class_names) in problems.items():
    x_train, x_validation, y_train, y_validation = train_test_split(features, targets, random_state=0, stratify=targets)
    keras.utils.set_random_seed(0)
    two = len(class_names) == 2
    last = keras.layers.Dense(1, activation="sigmoid") if two else keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(32, activation="relu"), last])
    model.compile("adam", loss="binary_crossentropy" if two else "sparse_categorical_crossentropy")
    model.fit(
        x_train,
        y_train,
        epochs=3,
        validation_data=(x_validation, y_validation),
        callbacks=[CurveLogger(f"logs/{run}", class_names=class_names)],
        verbose=0,
    )
    trained[run] = model, x_validation, y_validation

for record in read_curves("logs"):
    # Of the positive class where there are two; the mean over the classes where there are more.
    print(
        f"{record.run}, epoch {record.step}: accuracy {record.accuracy:.3f}, precision {record.precision():.3f}, "
        f"recall {record.recall():.3f}, F1 {record.f1():.3f}"
    )
    print(record.confusion)  # rows true, columns predicted
