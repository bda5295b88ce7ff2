"""Checks cards of runs against the schema of the installed model-card-toolkit.

    pip install --no-deps model-card-toolkit==2.0.0
    pip install jsonschema
    python tools/oracles/model_card.py <run>/card.json ...

Prints a line a card; exits 1 where one breaks the schema, has a field that the schema has no place for (the toolkit's reader
refuses it, though the schema lets it pass), a date or an address that is none, or an image that is not a PNG file.
The toolkit is not imported, because that needs TensorFlow and much more: only its schema is read.
"""
import base64
import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlparse

import jsonschema

PNG = b"\x89PNG\r\n\x1a\n"


def schema_of(version):
    spec = find_spec("model_card_toolkit")
    if spec is None:
        sys.exit("model-card-toolkit is not installed")
    [folder] = spec.submodule_search_locations
    text = (Path(folder) / "schema" / f"v{version}" / "model_card.schema.json").read_text()
    # The toolkit's own reference lacks a slash, which newer versions of jsonschema mind.
    return json.loads(text.replace('"#definitions/', '"#/definitions/'))


def place_of(schema, root):
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].split("/")[-1]]
    return schema


def problems_in(value, schema, root, path="card"):
    """What the schema's own check lets pass and the toolkit, or a reader, does not."""
    schema = place_of(schema, root)
    if isinstance(value, dict):
        for name, part in value.items():
            known = schema.get("properties", {})
            if name in known:
                yield from problems_in(part, known[name], root, f"{path}.{name}")
            else:
                yield f"{path}.{name}: the schema has no such field"
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from problems_in(part, schema.get("items", {}), root, f"{path}[{i}]")
    elif schema.get("format") == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield f"{path}: not a date: {value}"
    elif schema.get("format") == "uri" and not urlparse(value).scheme:
        yield f"{path}: not an address: {value}"
    elif "contentMediaType" in schema and not base64.b64decode(value, validate=True).startswith(PNG):
        yield f"{path}: not a PNG file in base64"


def main(files):
    failed = False
    for file in files:
        card = json.loads(Path(file).read_text())
        schema = schema_of(card["schema_version"])
        errors = jsonschema.Draft7Validator(schema).iter_errors(card)
        found = [f"{error.json_path}: {error.message[:200]}" for error in errors]
        found += problems_in(card, schema, schema)
        failed = failed or len(found) > 0
        analysis = card.get("quantitative_analysis", {})
        metrics = len(analysis.get("performance_metrics", []))
        images = len(analysis.get("graphics", {}).get("collection", []))
        print(f"{file}: {len(found)} problems, {metrics} metrics, {images} images")
        for each in found:
            print(f"  {each}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
