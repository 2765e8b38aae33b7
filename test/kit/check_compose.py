"""Reads a Compose file from the standard input by the Compose specification, and ends with an error where it is none, or names what is not there."""

import json
import sys

import yaml
from compose_spec import PyCompose

# Merge keys and aliases are YAML's own: what is checked is what comes of them.
try:
    PyCompose.from_json(json.dumps(yaml.safe_load(sys.stdin))).validate()
except ValueError as error:
    sys.exit(str(error))
