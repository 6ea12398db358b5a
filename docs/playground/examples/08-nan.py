# Find a nan
from autograd import Value, detect_anomaly

x = Value(2.0, label="x")
y = Value(2.0, label="y")

with detect_anomaly():
    distance = ((x - y) ** 2).sqrt()
    loss = distance.log()
