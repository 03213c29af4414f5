// Files of the host below protected folders: whatever changes them is told, by the file and not by the call.

import assert from "node:assert/strict";
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ContainerProtection, ProtectionLevel } from "../../../src/model/watch.ts";
import { eventually } from "../../support/eventually.ts";
import { testerImage } from "../../support/testers.ts";
import { protect } from "../../support/watched.ts";
import { generous, watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;

const ways = [
  { act: "host-path-rename", kind: "rename", path: "/protected" },
  { act: "host-path-unlink", kind: "unlink", path: "/protected" },
  { act: "host-path-symlink", kind: "link", path: "/protected" },
  { act: "host-path-mknod", kind: "create", path: "/protected" },
  { act: "host-path-mkdir", kind: "create", path: "/protected" },
  { act: "host-path-truncate", kind: "open", path: "/protected/file" },
  { act: "host-path-cut-by-reading", kind: "open", path: "/protected/file" },
  { act: "host-path-chmod", kind: "chmod", path: "/protected/file" },
  { act: "host-path-chown", kind: "chmod", path: "/protected/file" },
  { act: "host-path-xattr", kind: "chmod", path: "/protected/file" },
  { act: "host-path-utimes", kind: "chmod", path: "/protected/file" },
  { act: "host-path-hardlink", kind: "link", path: "/protected/file" },
] as const;

for (const { act, kind, path } of ways) {
  test(`${act} is told where it is detected, and its caller stopped where it is blocked`, { skip }, async () => {
    assert.deepEqual(
      { off: await play(act, "off"), detect: await play(act, "detect"), block: await play(act, "block") },
      {
        off: { ran: true, told: [] },
        detect: { ran: true, told: [`${kind} ${path} seen`] },
        block: { ran: false, told: [`${kind} ${path} ${stopped()}`] },
      },
    );
  });
}

const held = {
  write: "open",
  mmap: "open",
  fallocate: "open",
  truncate: "open",
  chmod: "chmod",
  owner: "chmod",
  xattr: "chmod",
} as const;

for (const [how, kind] of Object.entries(held)) {
  test(`${how} through a descriptor that was open before anybody looked is told`, { skip }, async () => {
    const { scratch, host } = makeScratch();
    try {
      const command = ["/testers/tester", "act", "held-descriptor", how];
      const id = await suite.watched().create({ command, image: testerImage, protection: none(), host });
      await suite.watched().start(id);
      await started(id);
      suite.sensor().protect(id, guarded("detect", scratch));
      writeFileSync(join(scratch, "go"), "");
      const { events } = await suite.watched().finish(id);
      const told = events.filter((event) => event.protection === "host-paths");
      assert.deepEqual(
        told.map((event) => `${event.kind} ${event.path.replace(scratch, "")}`),
        [`${kind} /protected/file`],
      );
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
}

test("a file that got a second name outside stays protected by both", { skip }, async () => {
  const { scratch, host } = makeScratch();
  try {
    const run = await suite.watched().run({
      image: testerImage,
      command: ["sh", "-c", "ln /host/protected/file /host/alias; sleep 2; echo x > /host/alias"],
      protection: guarded("detect", scratch),
      host,
    });
    const told = run.events.filter((event) => event.protection === "host-paths");
    assert.deepEqual(
      told.map((event) => `${event.kind} ${event.path.replace(scratch, "").replace("/host", "")}`),
      ["link /protected/file", "open /alias"],
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

test("a file that had a second name before is protected by both", { skip }, async () => {
  const { scratch, host } = makeScratch();
  try {
    const run = await suite.watched().run({
      image: testerImage,
      command: ["sh", "-c", "echo x > /host/twin"],
      protection: guarded("detect", scratch),
      host,
    });
    const told = run.events.filter((event) => event.protection === "host-paths");
    assert.deepEqual(
      told.map((event) => `${event.kind} ${event.path}`),
      ["open /host/twin"],
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

test("reading protected files and folders, and writing beside them, is nobody's business", { skip }, async () => {
  const { scratch, host } = makeScratch();
  try {
    const run = await suite.watched().run({
      image: testerImage,
      command: [
        "sh",
        "-c",
        "ls -lR /host; cat /host/protected/file; echo x > /host/beside; mkdir /host/new; rm /host/beside",
      ],
      protection: guarded("detect", scratch),
      host,
    });
    assert.deepEqual(
      run.events.filter((event) => event.protection === "host-paths").map(({ kind, path }) => `${kind} ${path}`),
      [],
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

async function play(act: string, level: ProtectionLevel): Promise<{ ran: boolean; told: readonly string[] }> {
  const { scratch, host } = makeScratch();
  try {
    const run = await suite.act([act], { protection: guarded(level, scratch), host });
    const told = run.events.filter((event) => event.protection === "host-paths");
    // Of a name that goes both the file and its folder are told, in the order that the file system likes.
    const lines = told.map(({ kind, path, verdict }) => `${kind} ${path.replace(scratch, "")} ${verdict}`);
    return { ran: run.ok, told: lines.sort().slice(0, 1) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function makeScratch(): { readonly scratch: string; readonly host: Readonly<Record<string, unknown>> } {
  const scratch = mkdtempSync(join(tmpdir(), "plimsoll-host-"));
  mkdirSync(join(scratch, "protected"));
  for (const name of ["old", "unneeded", "file"]) writeFileSync(join(scratch, "protected", name), "as it was");
  writeFileSync(join(scratch, "protected", "twin"), "as it was");
  linkSync(join(scratch, "protected", "twin"), join(scratch, "twin"));
  return { scratch, host: { ...generous, Binds: [`${scratch}:/host`] } };
}

function guarded(level: ProtectionLevel, scratch: string): ContainerProtection {
  return { ...protect({ "host-paths": level }), protectedPaths: [join(scratch, "protected")] };
}

function none(): ContainerProtection {
  return protect({ drift: "detect" });
}

/** Until it has the file open. */
async function started(id: string): Promise<void> {
  await eventually(
    async () => suite.watched().eventsOf(id),
    (events) => events.some(({ kind, path }) => kind === "open" && path === "/host/protected/file"),
  );
}

function stopped(): "denied" | "killed" {
  return suite.sensor().tiers.some(({ tier, works }) => tier === "lsm" && works) ? "denied" : "killed";
}
