// Played in the guest, whose kernel has BPF LSM: every attack, with nobody watching, watched, and blocked.

import { testAttacks } from "../support/watch/attack-suite.ts";

testAttacks();
