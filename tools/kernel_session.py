"""Runs cells in one kernel, as a person would: some are stopped while they run.

Reads a JSON list of cells, each {"source": ..., "stopAt": text or null}, from standard input; a cell
with stopAt is interrupted once that text was shown. Prints one JSON line a cell: its status, the texts
that were shown in order, the MIME types of its displays, and the last text of each display.

    python kernel_session.py --in folder < cells.json
"""

import argparse
import json
import sys
import time

from jupyter_client import KernelManager

# tslab refuses cells for 200 ms after one that failed.
AFTER_FAILURE = 0.5
# Longer than a cell of a test takes on a busy machine.
TIMEOUT = 300


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--in", dest="folder", required=True, help="the kernel's working directory")
    folder = parser.parse_args().folder
    manager = KernelManager(kernel_name="tslab")
    manager.start_kernel(cwd=folder)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        for cell in json.load(sys.stdin):
            print(json.dumps(run(manager, client, cell)), flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(manager, client, cell):
    """Returns what one cell showed, until its reply came and the kernel is idle."""
    stop_at = cell.get("stopAt")
    began = time.monotonic()
    request = client.execute(cell["source"])
    shown, types, displays, idle = [], [], {}, False
    while not idle:
        message = client.get_iopub_msg(timeout=TIMEOUT)
        kind, content = message["msg_type"], message["content"]
        text = None
        if kind == "stream":
            text = content["text"]
        elif kind in ("display_data", "update_display_data"):
            text = content["data"].get("text/plain")
            displays[content["transient"]["display_id"]] = text
            if kind == "display_data":
                types.append(sorted(content["data"]))
        elif kind == "status" and message["parent_header"].get("msg_id") == request:
            idle = content["execution_state"] == "idle"
        if text is not None:
            shown.append(text)
            if stop_at is not None and stop_at in text:
                manager.interrupt_kernel()
                stop_at = None
    reply = {}
    while reply.get("parent_header", {}).get("msg_id") != request:
        reply = client.get_shell_msg(timeout=TIMEOUT)
    status = reply["content"]["status"]
    if status != "ok":
        time.sleep(AFTER_FAILURE)
    return {
        "status": status,
        "seconds": time.monotonic() - began,
        "shown": shown,
        "types": types,
        "displays": list(displays.values()),
    }


if __name__ == "__main__":
    main()
