// Every test of the project but those that need other engines (`npm run test:engines`), another registry (`npm run test:foreign`),
// the newest verifiers (`npm run test:judges`), a smart card (`npm run test:yubikey`) or a guest (`npm run test:vm`).
// Usage: node scripts/test.ts [FOLDER-OR-FILE ...] [-- OPTIONS OF node --test]

import { spawn } from "node:child_process";
import { globSync } from "node:fs";

const separator = process.argv.indexOf("--");
const chosen = process.argv.slice(2, separator === -1 ? undefined : separator);
const options = separator === -1 ? [] : process.argv.slice(separator + 1);

const files = (chosen.length === 0 ? ["test"] : chosen)
  .flatMap((path) => (path.endsWith(".ts") ? [path] : globSync(`${path}/**/*.test.ts`)))
  .filter((path) => chosen.length > 0 || !/^test\/(?:engines|foreign|yubikey|vm|judges\/sid)/.test(path))
  .sort();

// Two at once: flows start whole engines, and a small machine has two cores.
const runner = spawn(
  process.execPath,
  ["--test", "--test-concurrency=2", "--test-timeout=900000", "--test-reporter=spec", ...options, ...files],
  { stdio: "inherit", env: { ...process.env, NODE_NO_WARNINGS: "1" } },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => runner.kill(signal));
runner.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
