"""Reads a Compose file from the standard input by the Compose specification, and ends with an error where it is none, or names what is not there."""

import sys

from compose_spec import PyCompose

PyCompose.from_yaml(sys.stdin.read()).validate()
