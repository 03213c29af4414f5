// The watch in a process that may load nothing into the kernel. Usage: bare-watch.ts FOLDER ENGINE-SOCKET. Prints what the watch
// is, and each alert, as lines of JSON; reads ids of containers, one a line, gives each drift, memory and mining at `block`, and
// answers "protected".

import { join } from "node:path";
import { createInterface } from "node:readline";
import { openWatchStore } from "../../../src/store/watch-store.ts";
import { shippedRules } from "../../../src/watch/rules/load-rules.ts";
import { openWatchService } from "../../../src/watch/service/watch-service.ts";
import { protect } from "../watched.ts";

const [folder = "", engineSocket = ""] = process.argv.slice(2);
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const store = openWatchStore(folder);
const service = openWatchService({
  ...{ store, notice: (notice) => say({ notice }), nowMs: () => Date.now() },
  settings: {
    ...{ socketPath: join(folder, "watch.sock"), engineSocket, engineHeaders: {}, ruleFiles: [shippedRules] },
    ...{ withAllRules: false, unknown: protect({}), nameServers: [], pinFolder: "", codeFolder: "" },
    ...{ evidenceFolder: join(folder, "evidence"), evidenceMaxBytes: 16 << 20 },
  },
});
service.alerts.onAlert((alert) => say({ alert }));
say({ state: await service.settled() });
const protection = protect({ drift: "block", memory: "block", mining: "block" });
for await (const id of createInterface({ input: process.stdin })) {
  const container = { id, name: "web", engine: "docker", image: "", imageId: "", owner: "", labels: {} };
  await service.protect(container, protection);
  say({ answer: "protected" });
}
await service.close();
store.close();
