// POST /auth makes the engine send the given credentials to the given server.

import { factText, type Invariant, listed } from "../invariant.ts";

export const engineAuth: Invariant = {
  name: "engine-auth",
  summary: "checking credentials with a server that the caller names",
  grants: ["engine.auth"],
  applies: ({ action }) => action === "system.auth",
  check(question) {
    const registry = listed([factText(question, "registry")]);
    return {
      reason: `the engine would send credentials to ${registry === "" ? "a server" : registry}`,
      remedy: "write the credentials to the client's configuration without docker login",
    };
  },
};
