// What the first descriptors of a program are, told by the kernel in the moment that it starts: a shell whose input is a
// connection is seen even when it ends at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;

test("a shell on a connection is told with its peer, however short it lives", { skip }, async () => {
  const run = await suite.act(["reverse-shell-brief"], { protection: protect({ drift: "detect" }) });
  const shells = run.events.filter(({ kind, argv }) => kind === "exec" && argv[0] === "sh");
  assert.deepEqual(
    shells.map(({ details, address, port }) => ({ ...details, address, port: port > 1024 })),
    [{ stdin: "socket", stdout: "socket", stderr: "socket", address: "127.0.0.1", port: true }],
  );
});

test("pipes, terminals and files are told apart", { skip }, async () => {
  const run = await suite.watched().run({
    image: "tester:1",
    command: ["sh", "-c", "b='/bin/busybox true'; echo | $b > /tmp/out; $b < /etc/passwd; exec 0<&-; $b"],
    more: { Tty: true },
    protection: protect({ drift: "detect" }),
  });
  const told = run.events.filter(({ kind, argv }) => kind === "exec" && argv[0] === "/bin/busybox");
  assert.deepEqual(
    told.map(({ details }) => [details["stdin"] ?? "closed", details["stdout"]]),
    [
      ["pipe", "file"],
      ["file", "terminal"],
      ["closed", "terminal"],
    ],
  );
});
