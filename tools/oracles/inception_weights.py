"""Converts the published Inception weights of the FID to safetensors, for `janus evaluate --features inception-v3 --weights`.

    pip install torch safetensors
    python tools/oracles/inception_weights.py pt_inception-2015-12-05-6726825d.pth inception.safetensors

The file is a release of mseitzer/pytorch-fid, or, with the same bytes, of toshas/torch-fidelity; it is a port of TensorFlow's graph
of 2015-12-05 (Apache License 2.0). Its checksum is stored with the weights, so that Janus can say whose they are.
"""

import hashlib
import sys

import torch
from safetensors.torch import save_file

SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"


def main(source, target):
    with open(source, "rb") as file:
        checksum = hashlib.sha256(file.read()).hexdigest()
    if checksum != SHA256:
        print(f"{source}: is not the published file, whose sha256 is {SHA256}; converting it all the same", file=sys.stderr)
    state = torch.load(source, map_location="cpu", weights_only=True)
    arrays = {name: tensor.float().contiguous() for name, tensor in state.items() if tensor.ndim > 0}
    save_file(arrays, target, metadata={"source_sha256": checksum})
    print(f"{target}: {len(arrays)} arrays")


main(*sys.argv[1:])
