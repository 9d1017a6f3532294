"""ROC-AUC of training and validation data each epoch, and the best epoch's weights at the end.

The gap between both is the overfitting; early stopping watches the validation data.
"""

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from curveboard import CurveLogger

x, y = load_breast_cancer(return_X_y=True)
x_train, x_validation, y_train, y_validation = train_test_split(scale(x), y, random_state=0, stratify=y)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.Input((30,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy")
history = model.fit(
    x_train,
    y_train,
    epochs=20,
    validation_data=(x_validation, y_validation),
    callbacks=[
        CurveLogger("logs/net", train_data=(x_train, y_train), class_names=["malignant", "benign"]),
        keras.callbacks.EarlyStopping("val_roc_auc", mode="max", patience=3, restore_best_weights=True),
    ],
    verbose=0,
)
for epoch, areas in enumerate(zip(history.history["roc_auc"], history.history["val_roc_auc"], strict=True)):
    print("epoch {}: ROC-AUC {:.4f} in training, {:.4f} in validation".format(epoch, *areas))
