"""Reads a JSON list of PromQL expressions from the standard input, and prints for each the metrics and labels that it selects. What is no PromQL ends it with an error."""

import json
import sys

import promql_parser


def selected(node, found):
    if type(node).__name__ == "VectorSelector":
        found.append({"name": node.name, "labels": [matcher.name for matcher in node.matchers.matchers]})
    for part in ("expr", "lhs", "rhs", "vector_selector", "param"):
        inner = getattr(node, part, None)
        if inner is not None:
            selected(inner, found)
    for argument in getattr(node, "args", None) or []:
        selected(argument, found)
    return found


print(json.dumps([selected(promql_parser.parse(text), []) for text in json.load(sys.stdin)]))
