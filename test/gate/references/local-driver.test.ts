import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDriver, isBindMount } from "../../../src/gate/references/local-driver.ts";

test("what a local volume's options mount is told by its worst part", () => {
  const rows: readonly (readonly [string, object])[] = [
    ["local", {}],
    ["local:bind", { type: "none", o: "bind", device: "/" }],
    ["local:bind", { type: "none", o: "ro,rbind", device: "/etc" }],
    // MS_BIND wins over the type.
    ["local:bind", { type: "tmpfs", o: "size=1m,bind", device: "/" }],
    ["local:bind", { o: " bind ", device: "/" }],
    ["local:tmpfs", { type: "tmpfs", device: "tmpfs", o: "size=100m,uid=1000,nosuid" }],
    ["local:other", { type: "tmpfs", device: "tmpfs", o: "remount" }],
    ["local:overlay", { type: "overlay", o: "lowerdir=/etc:/usr", device: "overlay" }],
    ["local:proc", { type: "proc", device: "proc" }],
    ["local:cgroup", { type: "cgroup", device: "cgroup", o: "devices" }],
    ["local:tracefs", { type: "tracefs" }],
    ["local:ext4", { type: "ext4", device: "/dev/vda", o: "ro" }],
    ["local:nfs", { type: "nfs", device: ":/x", o: "addr=127.0.0.1" }],
    ["local:other", { type: "bind", device: "/" }],
    ["local:other", { device: "/etc" }],
    ["local:other", { type: "local" }],
  ];
  assert.deepEqual(
    rows.map(([, options]) => describeDriver("local", options)),
    rows.map(([wanted]) => wanted),
  );
  assert.deepEqual(
    [describeDriver("", {}), describeDriver("sshfs", {}), describeDriver("LOCAL", {}), isBindMount({ o: "nobind" })],
    ["local", "plugin:sshfs", "plugin:LOCAL", false],
  );
});
