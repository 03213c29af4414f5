// Logs requests for ever and tells on stdout what was acknowledged, right after it was. Made to be killed.
// node log-until-killed.ts FOLDER

import { writeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openStore } from "../../../src/store/store.ts";
import { completed, opening } from "../records.ts";

const store = await openStore({ folder: process.argv[2] ?? "", reserveBytes: 4096, checkpointEveryRecords: 50 });

async function requestsForEver(): Promise<never> {
  for (;;) {
    const request = opening();
    await store.audit.open(request);
    writeSync(1, `open ${request.id}\n`);
    store.ledger.claim("exec", request.id, request.caller.owner);
    writeSync(1, `claim ${request.id}\n`);
    await nextTurn();
    await store.audit.close(request, completed);
    writeSync(1, `close ${request.id}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, requestsForEver));
