#!/bin/sh
# Gathers the file system of the image in a folder: this machine's Node with the libraries it is linked to, and the program that was built here.
set -eu

root=$1
node=$(node -p process.execPath)

mkdir -p "$root/usr/local/bin" "$root/app" "$root/etc" "$root/pipelines" "$root/var/lib/strm" "$root/tmp"
# What an engine mounts can't be made where the root is read-only.
mkdir -p "$root/dev" "$root/proc" "$root/sys"
chmod 1777 "$root/tmp"
cp "$node" "$root/usr/local/bin/node"

# As the loader finds them; names of files are the only words that begin with a slash.
ldd "$node" | tr -s ' \t' '\n' | grep '^/' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

cp -R package.json dist node_modules "$root/app/"

printf 'root:x:0:0::/:/nonexistent\nstrm:x:65532:65532::/var/lib/strm:/nonexistent\n' > "$root/etc/passwd"
printf 'root:x:0:\nstrm:x:65532:\n' > "$root/etc/group"
# Without it, names of hosts are asked for at servers before the machine's own table is read.
printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"
