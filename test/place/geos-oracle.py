"""GEOS (shapely) as the oracle of places. Reads one JSON task from standard input and writes one JSON list, an entry per point.

contains: polygons [[ring, hole, ...], ...], points [[x, y], ...]: 1 when in any polygon, edges included, else 0.
distance: lines, polygons, points, metres [per x, per y], reach: metres on the plane to the nearest shape; a large number beyond reach.
"""
import json
import sys

from shapely.geometry import LineString, Point, Polygon, box
from shapely.prepared import prep
from shapely.strtree import STRtree

task = json.load(sys.stdin)
per_x, per_y = task.get("metres", [1, 1])


def scaled(positions):
    return [(x * per_x, y * per_y) for x, y in positions]


shapes = [LineString(scaled(line)) for line in task.get("lines", [])]
shapes += [Polygon(scaled(rings[0]), [scaled(hole) for hole in rings[1:]]) for rings in task.get("polygons", [])]
tree = STRtree(shapes)


def near(geometry):
    """Shapely 1 answers with shapes, shapely 2 with their indexes."""
    return [hit if hasattr(hit, "distance") else shapes[hit] for hit in tree.query(geometry)]


prepared = {}
answers = []
for x, y in scaled(task["points"]):
    point = Point(x, y)
    if task["task"] == "contains":
        hits = near(point)
        answers.append(int(any(prepared.setdefault(id(shape), prep(shape)).intersects(point) for shape in hits)))
    else:
        reach = task["reach"]
        hits = near(box(point.x - reach, point.y - reach, point.x + reach, point.y + reach))
        answers.append(min((shape.distance(point) for shape in hits), default=1e18))
json.dump(answers, sys.stdout)
