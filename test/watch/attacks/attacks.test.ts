// Every attack that may be played on this host, with nobody watching, watched, and blocked.

import { testAttacks } from "../../support/watch/attack-suite.ts";

testAttacks();
