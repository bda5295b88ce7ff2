"""Runs one notebook from top to bottom and stops at the first cell that fails.

The kernel reports a failed cell with an empty error; what the user needs stands in the cell's
stderr stream, so this prints the cell's number, its source and that stream, and exits 1.

    python run_notebook.py notebook.ipynb --in folder [--out folder] [--timeout seconds]
"""

import argparse
import os
import re
import signal
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

# The kernel survives a promise that nobody awaited, and the cell counts as done.
STRAY_FAILURE = re.compile(r"^(UncaughtException|UnhandledPromiseRejection):", re.MULTILINE)
# Colours, which the kernel writes for a terminal.
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class NotebookFailure(Exception):
    """What to print of a notebook that did not run to its end."""


class KernelEnded(Exception):
    """The kernel's process is gone; why stands in what it wrote past Jupyter, if anywhere."""


def main():
    # A kernel would outlive a runner that is ended without this.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = parse_flags()
    name = os.path.basename(options.notebook)
    began = time.monotonic()
    try:
        notebook = nbformat.read(options.notebook, as_version=4)
    except (OSError, ValueError, nbformat.reader.NotJSONError) as error:
        fail(f"{name}: could not be read as a notebook: {error}")
    try:
        cells = run(notebook, name, options)
    except NotebookFailure as failure:
        fail(str(failure))
    except KeyboardInterrupt:
        print(f"{name}: stopped", file=sys.stderr)
        sys.exit(130)
    if options.out:
        write(notebook, options)
    print(f"{name}: {cells} cells in {time.monotonic() - began:.0f} s")


def parse_flags():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook")
    parser.add_argument("--in", dest="folder", required=True, help="the kernel's working directory")
    parser.add_argument("--out", help="folder for a copy with the outputs")
    parser.add_argument("--timeout", type=float, default=600, help="seconds a cell may take")
    return parser.parse_args()


def run(notebook, name, options):
    """Executes every code cell in place; returns how many there were."""
    client = NotebookClient(
        notebook,
        kernel_name="tslab",
        timeout=options.timeout,
        startup_timeout=120,
        record_timing=False,
        resources={"metadata": {"path": options.folder}},
    )
    code_cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    # What the kernel writes past Jupyter: the native library's log, and why it died.
    with tempfile.TemporaryFile("w+") as log:
        try:
            with client.setup_kernel(stderr=log):
                client.reset_execution_trackers()
                strays = listen_for_strays(client)
                for number, index in enumerate(code_cells, start=1):
                    place = f"{name}: code cell {number} of {len(code_cells)}"
                    run_cell(client, index, place)
                    if strays:
                        headline = f"{place}: something nobody awaited failed"
                        failure = report(client.nb.cells[index], headline)
                        raise NotebookFailure(f"{failure}\n\n{''.join(strays)}".rstrip())
        except KernelEnded as ended:
            log.seek(0)
            raise NotebookFailure(f"{ended}\n\n{tail(log.read())}".rstrip()) from ended
        except RuntimeError as error:
            log.seek(0)
            raise NotebookFailure(f"{name}: {error}\n{tail(log.read())}".strip()) from error
    return len(code_cells)


def listen_for_strays(client):
    """Returns a list that takes the failures of promises that nobody awaited, as they come.

    They may come between two cells, and nbclient passes over what comes after a cell's end.
    """
    strays = []
    channel = client.kc.iopub_channel
    get_msg = channel.get_msg

    async def listening(*args, **kwargs):
        message = await get_msg(*args, **kwargs)
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stderr":
            text = ESCAPES.sub("", content["text"])
            if STRAY_FAILURE.search(text):
                strays.append(text)
        return message

    channel.get_msg = listening
    return strays


def run_cell(client, index, place):
    cell = client.nb.cells[index]
    began = time.monotonic()
    try:
        client.execute_cell(cell, index, store_history=True)
    except CellTimeoutError as error:
        took = f"{place} took longer than the {client.timeout:.0f} s of --timeout"
        raise NotebookFailure(report(cell, took)) from error
    except DeadKernelError as error:
        died = f"{place} ended the kernel (out of memory, or killed from outside)"
        raise KernelEnded(report(cell, died)) from error
    except CellExecutionError as error:
        raise NotebookFailure(report(cell, f"{place} failed")) from error
    first_line = cell.source.strip().split("\n")[0][:60]
    print(f"{place}, {time.monotonic() - began:5.1f} s: {first_line}")


def report(cell, headline):
    source = "\n".join(f"    {line}" for line in cell.source.splitlines())
    error = ESCAPES.sub("", stderr_of(cell)).strip()
    return f"{headline}:\n\n{source}\n\n{error}".rstrip()


def stderr_of(cell):
    return "".join(
        output.text
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    )


def tail(text, lines=20):
    return "\n".join(text.strip().splitlines()[-lines:])


def write(notebook, options):
    """Writes a copy with the outputs, without what differs between machines."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = without_paths(ESCAPES.sub("", output.text), options.folder)
    notebook.metadata.pop("widgets", None)
    os.makedirs(options.out, exist_ok=True)
    copy = os.path.join(options.out, os.path.basename(options.notebook))
    scratch = f"{copy}.{os.getpid()}.tmp"
    nbformat.write(notebook, scratch)
    os.replace(scratch, copy)


def without_paths(text, folder):
    root = os.path.dirname(os.path.abspath(folder))
    for path, instead in ((root, "."), (tempfile.gettempdir(), "<tmp>"), (os.path.expanduser("~"), "~")):
        text = text.replace(path, instead)
    return text


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
