// Ordinary containers in the guest, whose kernel has BPF LSM, with every protection at `block`.

import { testOrdinary } from "../support/watch/ordinary-suite.ts";

await testOrdinary();
