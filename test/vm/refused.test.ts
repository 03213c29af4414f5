// Played in the guest: what a kernel with BPF LSM refuses by itself. A short choice, which `npm test` plays too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startPatientEngine } from "../support/guest/patient-engine.ts";
import { makeTesterImage } from "../support/testers.ts";
import { loadWatchAttacks } from "../support/watch/attack-table.ts";
import { playWatched } from "../support/watch/columns.ts";
import { tellCell } from "../support/watch/grade.ts";

const chosen = [
  ...["drop-exec", "memfd-exec", "tmpfs-exec", "map-dropped-library", "connect"],
  ...["memory-ptrace", "memory-process-vm-readv", "memory-proc-mem", "memory-pidfd-getfd"],
  ...["mount", "bpf-map", "host-path-write", "host-path-rename", "core-pattern", "block-device"],
];

test("new code, another container's memory, and the ways to the host are refused by the kernel", async (t) => {
  const engine = await startPatientEngine();
  t.after(() => engine.close());
  await makeTesterImage(engine.socket);
  const attacks = loadWatchAttacks().filter(({ name }) => chosen.includes(name));
  const cells = await playWatched(engine, attacks, "block");
  const others = cells.filter(({ outcome }) => outcome !== "denied").map((cell) => `✖ ${tellCell(cell)}`);
  assert.deepEqual(
    { others, played: cells.map(({ attack }) => attack).sort() },
    { others: [], played: chosen.toSorted() },
    others.length > 0 ? `${others.length} not refused by the kernel:\n${others.join("\n")}` : undefined,
  );
});
