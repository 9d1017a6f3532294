"""A scikit-learn forest beside the Keras runs: the same records from y_true and y_score."""

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from curveboard import CurveWriter

x, y = load_digits(return_X_y=True)
x_train, x_validation, y_train, y_validation = train_test_split(x / 16, y, random_state=0, stratify=y)

forest = RandomForestClassifier(warm_start=True, random_state=0)
with CurveWriter("logs/forest", class_names=[f"digit {digit}" for digit in range(10)]) as writer:
    for step in range(5):
        forest.n_estimators = 10 * (step + 1)
        forest.fit(x_train, y_train)
        record = writer.write(step, y_validation, forest.predict_proba(x_validation))
        print(f"{forest.n_estimators} trees: macro ROC-AUC {record.roc_auc:.4f}")
