"""Reads YAML from the standard input and prints its documents as a JSON list. A key that stands twice ends it with an error."""

import json
import sys

import yaml


class Strict(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise SystemExit(f"{node.start_mark}: {sorted(twice)} stand twice")
        return super().construct_mapping(node, deep)


print(json.dumps([each for each in yaml.load_all(sys.stdin, Strict) if each is not None]))
