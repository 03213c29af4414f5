// Fetches the newer Debian programs that tests use (Docker 28 and its plugins, Podman 5, verifiers of signatures) into the
// test cache, ahead of time. Usage: node scripts/newer-suite.ts [docker] [podman] [judges-trixie] [judges-sid] [tuf] [sigstore-data]

import { newerSuite, type SuiteName } from "../test/support/newer-suite.ts";

const names: readonly SuiteName[] = ["docker", "podman", "judges-trixie", "judges-sid", "tuf", "sigstore-data"];
const asked = process.argv.slice(2);
for (const name of names.filter((each) => asked.length === 0 || asked.includes(each))) {
  const suite = await newerSuite(name);
  process.stdout.write(`${name}: ${"why" in suite ? suite.why : suite.root}\n`);
  if ("why" in suite) process.exitCode = 1;
}
