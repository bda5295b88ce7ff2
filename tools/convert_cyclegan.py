"""Turns a generator of the CycleGAN repository (`latest_net_G_A.pth`, `horse2zebra.pth`) into safetensors.

    pip install torch numpy
    python3 tools/convert_cyclegan.py latest_net_G_A.pth horse2zebra.safetensors
    npx janus weights import horse2zebra.safetensors --run runs/horse2zebra

Names and values stay as they are; counters of batch normalisation, which are no float32, are left out. The file is read
as data: nothing in it is executed.
"""

import json
import struct
import sys

import torch


def main():
    source, target = sys.argv[1:3]
    weights = torch.load(source, map_location="cpu", weights_only=True)
    # Repositories that train on several GPUs put `module.` in front.
    named = {name.removeprefix("module."): value for name, value in weights.items()}
    arrays = {name: value.float().contiguous().numpy() for name, value in named.items() if value.is_floating_point()}
    header, at = {"__metadata__": {"source": source.rsplit("/", 1)[-1]}}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            file.write(array.astype("<f4").tobytes())
    print(f"{target}: {len(arrays)} arrays, {at} bytes")


main()
