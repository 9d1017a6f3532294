"""A Keras model and a random forest on one chart, zoomed in at the top left, where they differ."""

import keras
from matplotlib.figure import Figure
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from curveboard import CurveLogger, CurveWriter, read_curves
from curveboard.plot import RocCurveDisplay

x, y = make_classification(8000, 20, n_informative=6, flip_y=0.05, random_state=0)
x_train, x_validation, y_train, y_validation = train_test_split(x, y, random_state=0)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [keras.Input((20,)), keras.layers.Dense(20, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
)
model.compile("adam", loss="binary_crossentropy")
model.fit(
    x_train,
    y_train,
    epochs=5,
    validation_data=(x_validation, y_validation),
    callbacks=[CurveLogger("logs/keras")],
    verbose=0,
)

forest = RandomForestClassifier(30, max_depth=10, random_state=0).fit(x_train, y_train)
with CurveWriter("logs/forest") as writer:
    writer.write_estimator(4, forest, x_validation, y_validation)

last = [record for record in read_curves("logs") if record.step == 4]
figure = Figure(figsize=(11, 5))
whole, zoomed = figure.subplots(1, 2)
for ax in (whole, zoomed):
    RocCurveDisplay.from_records(last, names=["random forest", "Keras"], ax=ax, plot_chance_level=True)
zoomed.set(xlim=(0, 0.2), ylim=(0.8, 1), title="Zoomed in at the top left")
figure.savefig("keras_and_forest.png")
for record in last:
    print(record.run, f"ROC-AUC {record.roc_auc:.4f}")
