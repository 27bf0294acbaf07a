"""Labels of points lie apart from each other and from the points."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.text import Annotation

from hitsr.report.drawing import labels


def placed(points):
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.scatter(*zip(*points.values(), strict=True))
    axes.margins(0.1)
    labels.place(axes, points)
    notes = [child for child in axes.get_children() if isinstance(child, Annotation) and child.get_text()]
    boxes = {note.get_text(): note.get_window_extent() for note in notes}
    centres = {name: axes.transData.transform(point) for name, point in points.items()}
    plt.close(figure)
    return boxes, centres


def test_crowded_points():
    random = np.random.default_rng(3)
    points = {f"Network-{n}": tuple(random.normal(size=2)) for n in range(14)}
    boxes, centres = placed(points)
    assert set(boxes) == set(points)
    names = list(boxes)
    for i, name in enumerate(names):
        assert not any(boxes[name].overlaps(boxes[other]) for other in names[i + 1 :]), name
        assert not any(boxes[name].contains(*centre) for centre in centres.values()), name
