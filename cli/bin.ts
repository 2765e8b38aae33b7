#!/usr/bin/env node
// The entry of the command: nothing is loaded before the version of Node is known to be good enough.
import nodeModule from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(
    `error: strm needs Node 22.15 or newer; this is Node ${process.versions.node}.\n  help: Install a current Node, from https://nodejs.org or with your version manager.\n`,
  );
  process.exitCode = 2;
} else {
  // Compiled code is kept between calls, which takes a third off the time to start.
  nodeModule.enableCompileCache();
  const { main } = await import("./main.ts");
  await main(process.argv.slice(2));
}
