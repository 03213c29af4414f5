// Alerts of all containers as the output `stdout` prints them.

import type { Sensor } from "../../../src/model/watch.ts";
import { makeAlert } from "../../../src/watch/alerts/make-alert.ts";
import { stdout } from "../../../src/watch/outputs/stdout.ts";
import { protect } from "../watched.ts";
import { startWitness } from "./witness.ts";

/** @returns what was printed so far */
export function printedAlerts(sensor: Sensor): () => string {
  let text = "";
  const output = stdout.open(
    { kind: "stdout", to: "", secretFile: "" },
    {
      ...{ spoolFolder: "", hostName: "host", version: "0" },
      write: (line) => {
        text += line;
      },
      onProblem: (problem) => {
        throw new Error(problem);
      },
    },
  );
  const { levels } = protect({ drift: "detect", escape: "detect", mining: "detect" });
  startWitness({
    ...{ sensor, levels },
    onBroken: (rule, subject) =>
      output.tell(makeAlert(rule, subject, { nowMs: Date.now(), incident: "none", heldBack: 0 })),
  });
  return () => text;
}
