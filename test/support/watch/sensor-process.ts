// A sensor in a process of its own, to be killed. Usage: sensor-process.ts PIN-FOLDER. Reads ids of containers, one a line, gives
// each every protection at `block`, and answers "protected"; answers "open" when it is attached.

import { createInterface } from "node:readline";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { ordinaryProtection } from "./ordinary.ts";

const sensor = await openSensor({ pinFolder: process.argv[2] ?? "" });
process.stdout.write("open\n");
for await (const id of createInterface({ input: process.stdin })) {
  sensor.protect(id, ordinaryProtection());
  process.stdout.write("protected\n");
}
