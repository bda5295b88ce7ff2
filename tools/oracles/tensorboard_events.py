"""Event files as TensorBoard reads and writes them.

    pip install tensorboard==2.20.0
    python tools/oracles/tensorboard_events.py --bytes            # the bytes in packages/core/src/event-file.test.ts
    python tools/oracles/tensorboard_events.py <run folder>       # every value of metrics.jsonl, read by its EventAccumulator

The second exits 1 where a tag, a step or a value differs from metrics.jsonl, in single precision.
"""
import json
import os
import struct
import sys

import numpy as np
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2
from tensorboard.compat.tensorflow_stub import pywrap_tensorflow


def record(event):
    """Frames an event as tensorboard/summary/writer/record_writer.py does."""
    data = event.SerializeToString()
    header = struct.pack("<Q", len(data))
    masked = pywrap_tensorflow.masked_crc32c
    return header + struct.pack("<I", masked(header)) + data + struct.pack("<I", masked(data))


def print_bytes():
    time = 1_700_000_000.25
    version = event_pb2.Event(wall_time=time, file_version="brain.Event:2")
    restart = event_pb2.Event(wall_time=time, step=301)
    restart.session_log.status = 1
    scalars = event_pb2.Event(wall_time=time, step=300)
    for tag, value in {"losses/größe": 0.1, "learning-rate": 2e-4}.items():
        scalars.summary.value.add(tag=tag, simple_value=value)
    for event in (version, restart, scalars):
        print(record(event).hex())


def expected(run):
    curves = {}
    with open(os.path.join(run, "metrics.jsonl"), encoding="utf8") as lines:
        for line in lines:
            each = json.loads(line)
            train = "train-epochs" if each["kind"] == "epoch" else "train"
            curve = "validation" if each.get("split") == "validation" else train
            values = {"learning-rate": each["learningRate"]}
            for group in ("losses", "metrics"):
                values |= {f"{group}/{name}": value for name, value in each.get(group, {}).items()}
            for tag, value in values.items():
                points = curves.setdefault(curve, {}).setdefault(tag, [])
                points.append((each["step"], float(np.float32(value))))
    return curves


def found(folder):
    read = event_accumulator.EventAccumulator(folder, size_guidance={"scalars": 0})
    read.Reload()
    return {
        tag: [(event.step, event.value) for event in read.Scalars(tag)]
        for tag in read.Tags()["scalars"]
    }


def compare(run):
    wanted = expected(run)
    folder = os.path.join(run, "tensorboard")
    curves = {name: found(os.path.join(folder, name)) for name in os.listdir(folder)}
    same = True
    for curve in sorted(wanted | curves):
        left, right = wanted.get(curve, {}), curves.get(curve, {})
        points = sum(len(each) for each in right.values())
        differ = [tag for tag in sorted(left | right) if left.get(tag) != right.get(tag)]
        print(f"{curve}: {len(right)} tags, {points} points, differ: {differ or 'none'}")
        same = same and not differ
    return same


if __name__ == "__main__":
    if sys.argv[1] == "--bytes":
        print_bytes()
    else:
        sys.exit(0 if compare(sys.argv[1]) else 1)
