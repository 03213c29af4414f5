// Fetches the newer Debian programs that tests use (Docker 28 and its plugins, Podman 5) into the test cache, ahead of time.
// Usage: node scripts/newer-suite.ts [docker] [podman]

import { type EngineSuite, newerSuite } from "../test/support/newer-suite.ts";

const names: readonly EngineSuite[] = ["docker", "podman"];
const asked = process.argv.slice(2);
for (const name of names.filter((each) => asked.length === 0 || asked.includes(each))) {
  const suite = await newerSuite(name);
  process.stdout.write(`${name}: ${"why" in suite ? suite.why : suite.root}\n`);
  if ("why" in suite) process.exitCode = 1;
}
