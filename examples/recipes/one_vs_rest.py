"""ROC curves of two classes, and of three: each against the rest, with micro and macro averages."""

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from curveboard import CurveWriter
from curveboard.plot import RocCurveDisplay

iris = load_iris(as_frame=True)
x, y = iris.data.iloc[:, :2], iris.target_names[iris.target]  # sepals alone do not tell all species apart
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.5, random_state=0, stratify=y)

with CurveWriter("logs/iris") as writer:
    model = LogisticRegression().fit(x_train, y_train)
    three = writer.write_estimator(0, model, x_test, y_test)
    is_virginica = LogisticRegression().fit(x_train, np.where(y_train == "virginica", "virginica", "other"))
    answer = np.where(y_test == "virginica", "virginica", "other")
    two = writer.write_estimator(0, is_virginica, x_test, answer, head="is_virginica")

figure = Figure(figsize=(11, 5))
axes = figure.subplots(1, 2)
RocCurveDisplay.from_record(two, ax=axes[0], plot_chance_level=True)
RocCurveDisplay.from_record(three, ax=axes[1], plot_chance_level=True)
figure.savefig("one_vs_rest.png")
for curve in (*three.curves, three.micro, three.macro):
    print(curve)
