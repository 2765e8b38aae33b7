// How the tests run: all of test/, from the repository's root, with failures that name the file.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    // Servers are started in hooks, and fetched by the very first.
    hookTimeout: 180_000,
    globalSetup: "test/kit/shared-servers.ts",
  },
});
