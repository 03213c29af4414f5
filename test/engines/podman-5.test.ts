// Podman 5 of Debian's suite trixie, guarded: its Docker-compatible API.

import { testEngine } from "../support/engine-suite.ts";

await testEngine("podman");
