#!/bin/sh
# Runs a program in a file system of its own as a container would: process 1, no root, nothing writable but the state folder. Called in namespaces of its own.
# run-root.sh ROOT PIPELINES STATE PROGRAM ARGUMENTS…
set -eu
root=$1 pipelines=$2 state=$3
shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --bind "$pipelines" "$root/pipelines"
mount -o remount,bind,ro "$root/pipelines"
mount --bind "$state" "$root/var/lib/strm"
mount -t proc proc "$root/proc"
exec chroot --userspec=65532:65532 "$root" "$@"
