// Files and their names as the kernel tells them: where they are in the container, whatever the program called them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelEvent } from "../../../src/model/watch.ts";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;

test("what is done to files is told by where they are, not by how they are called", { skip }, async () => {
  const events = await run(
    "cd /tmp; echo x > ../tmp/./made; ln -s made link; echo y >> link; mv made moved; ln moved hard; mkdir -p deep/er; chmod 4755 hard; rm link; cat /etc/../etc/./shadow",
  );
  const told = events
    .filter(({ kind, path }) => kind !== "exec" && kind !== "fork" && kind !== "exit" && !path.startsWith("/dev"))
    .map(({ kind, path, details, origin }) =>
      [kind, path, details["from"] ?? "", origin?.isNew ?? ""].join(" ").trimEnd(),
    );
  assert.deepEqual(
    told.filter((line) => !line.startsWith("cgroup")),
    [
      "create /tmp/made  true",
      "link /tmp/link made",
      "open /tmp/made  true",
      "rename /tmp/moved /tmp/made",
      "link /tmp/hard /tmp/moved",
      "create /tmp/deep",
      "create /tmp/deep/er",
      "chmod /tmp/hard",
      "unlink /tmp/link",
      "open /etc/shadow  false",
    ],
  );
});

test("names with line ends, colours and bytes that are no text come whole", { skip }, async () => {
  const name = "a\nb\u001b[31mc";
  const events = await run(`echo x > "$(printf 'a\\nb\\033[31mc')"; echo x > "$(printf 'bad\\377')"`);
  const made = events.filter(({ kind }) => kind === "create").map(({ path }) => path);
  assert.deepEqual(made, [`/${name}`, "/bad\ufffd"]);
});

test("a path longer than there is room for keeps its end, and says that it was cut", { skip }, async () => {
  const folder = "d".repeat(200);
  const events = await run(`cd /tmp; for i in 1 2 3 4 5 6; do mkdir ${folder}; cd ${folder}; done; echo x > the-file`);
  const made = events.find(({ kind, path }) => kind === "create" && path.endsWith("/the-file"));
  assert.deepEqual(
    { isCut: made?.isCut, start: made?.path.slice(0, 5), isWithin: (made?.path.length ?? 9999) <= 4096 },
    { isCut: true, start: ".../d", isWithin: true },
  );
});

test("arguments are told up to 4 KiB, and it is said that there was more", { skip }, async () => {
  const events = await run(`/bin/true ${"x".repeat(3000)} ${"y".repeat(3000)}`);
  const exec = events.find(({ kind, path }) => kind === "exec" && path === "/bin/true");
  assert.deepEqual(
    { lengths: exec?.argv.map((word) => word.length), isCut: exec?.isCut },
    { lengths: [9, 3000, 4096 - 10 - 3001], isCut: true },
  );
});

test("a process is told with its numbers outside and inside, its parent and its user", { skip }, async () => {
  const events = await run("sleep 0 & wait; exit 3", { User: "1000" });
  const shell = events.find(({ kind }) => kind === "exec");
  const end = events.findLast(({ kind }) => kind === "exit");
  const child = events.find(({ kind }) => kind === "fork");
  assert.deepEqual(
    {
      inside: shell?.process.containerPid,
      uid: shell?.process.uid,
      isParent: child?.process.pid === shell?.process.pid,
      child: Number(child?.details["containerPid"]) > 1,
      ended: [end?.process.pid === shell?.process.pid, end?.details["status"]],
      sameStart: end?.process.startedAt === shell?.process.startedAt,
      isRecent: Math.abs((shell?.time ?? 0) - Date.now()) < 600_000,
    },
    { inside: 1, uid: 1000, isParent: true, child: true, ended: [true, 3], sameStart: true, isRecent: true },
  );
});

async function run(script: string, more: Readonly<Record<string, unknown>> = {}): Promise<readonly KernelEvent[]> {
  const made = await suite.watched().run({
    image: "tester:1",
    command: ["sh", "-c", script],
    protection: protect({ drift: "detect" }),
    more,
  });
  return made.events;
}
