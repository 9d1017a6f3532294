"""Everything that was logged, back as numbers: areas per epoch, one curve, the confusion matrix."""

from curveboard import CurveWriter, read_curves

with CurveWriter("logs/tiny", class_names=["ham", "spam"]) as writer:
    writer.write(0, y_true=[0, 0, 1, 1], y_score=[0.1, 0.6, 0.4, 0.9])
    writer.write(1, y_true=[0, 0, 1, 1], y_score=[0.1, 0.2, 0.7, 0.9])

for record in read_curves("logs/tiny"):
    print(record.run, record.step, record.roc_auc, record.average_precision)

fpr, tpr, thresholds = record["spam"].roc()
print(fpr, tpr, thresholds)
print(record.confusion)  # rows true, columns predicted
