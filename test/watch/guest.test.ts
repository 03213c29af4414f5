// The blocking tier, which this host's kernel may lack, in a guest whose kernel has it. `npm run test:vm` plays everything there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInGuest, whyNoGuest } from "../support/guest/guest.ts";
import { whyItFailed } from "../support/guest/why-it-failed.ts";
import { buildTester } from "../support/testers.ts";

const skip = (await whyNoGuest()) ?? false;

test("on a kernel with BPF LSM attacks are refused before they happen", { skip }, async (t) => {
  await buildTester();
  const argv = ["node", "--test", "--test-reporter=spec", "--test-timeout=780000", "test/vm/refused.test.ts"];
  const result = await runInGuest({ argv, timeoutMs: 840_000 });
  t.diagnostic(result.kernel.replaceAll("\n", ", "));
  assert.equal(result.exitCode, 0, whyItFailed(result));
});
