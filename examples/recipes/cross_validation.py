"""K-fold cross-validation: each fold is a run, and a chart of them with the mean and a band of one deviation."""

from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_validate

from curveboard import CurveWriter
from curveboard.plot import RocCurveDisplay

x, y = load_breast_cancer(return_X_y=True)
results = cross_validate(
    LogisticRegression(C=1e-6, max_iter=1000),
    x,
    y,
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
    scoring="roc_auc",
    return_estimator=True,
    return_indices=True,
)
with CurveWriter("logs/logistic", class_names=["malignant", "benign"]) as writer:
    folds = writer.write_cv_results(results, x, y)

figure = Figure(figsize=(6, 6))
ax = figure.subplots()
display = RocCurveDisplay.from_records(folds, ax=ax, alpha=0.4, plot_chance_level=True)
display.plot_mean(ax, name="mean of 5 folds")
figure.savefig("cross_validation.png")
for record in folds:
    print(record.run, f"ROC-AUC {record.roc_auc:.4f}")
