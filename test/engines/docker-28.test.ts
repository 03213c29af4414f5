// Docker 28 of Debian's suite sid, guarded.

import { testEngine } from "../support/engine-suite.ts";

await testEngine("docker");
