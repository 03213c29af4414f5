// Makes ahead what the guest cannot make itself, without a network and with an emulated processor: its kernel, the tester
// program, and a Debian with servers. All of it stays in the test cache. Usage: node scripts/prepare-guest.ts

import { whyNoGuest } from "../test/support/guest/guest.ts";
import { buildTester } from "../test/support/testers.ts";
import { ordinaryRoot } from "../test/support/watch/ordinary-image.ts";

const why = await whyNoGuest();
process.stdout.write(`guest: ${why ?? "ready"}\n`);
process.stdout.write(`tester: ${await buildTester()}\n`);
const root = await ordinaryRoot();
process.stdout.write(`ordinary containers: ${"why" in root ? root.why : root.archive}\n`);
