// Ordinary containers on this host, with every protection at `block`.

import { testOrdinary } from "../../support/watch/ordinary-suite.ts";

await testOrdinary();
