// Other log drivers make the engine, as root, connect to sockets and addresses that the caller names and read files for TLS.

import { factText, type Invariant, listed } from "../invariant.ts";

const known = ["", "json-file", "local", "none"];

export const logDriver: Invariant = {
  name: "log-driver",
  summary: "log drivers other than json-file, local and none",
  grants: ["container.log-driver"],
  applies: ({ action }) => action === "container.create" || action === "container.update",
  check(question) {
    const driver = factText(question, "logDriver");
    if (known.includes(driver)) return undefined;
    return {
      reason: `the log driver ${listed([driver])} makes the engine connect to an address that the caller names`,
      remedy: "remove --log-driver",
    };
  },
};
