"""Reads metrics from the standard input as Prometheus does, and prints them as JSON: families with their samples. What is not in the format ends it with an error."""

import json
import math
import sys

from prometheus_client.parser import text_string_to_metric_families

families = text_string_to_metric_families(sys.stdin.read())
print(
    json.dumps(
        [
            {
                "name": family.name,
                "type": family.type,
                "help": family.documentation,
                "samples": [
                    {"name": sample.name, "labels": sample.labels, "value": None if math.isnan(sample.value) else sample.value}
                    for sample in family.samples
                ],
            }
            for family in families
        ]
    )
)
