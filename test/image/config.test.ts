// Rows C1 to C12 of docs/images.md: what a config claims is read, told where it is odd, and never believed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { configRules } from "../../src/findings/image-configuration/config-rules.ts";
import { readConfig } from "../../src/image/documents/config.ts";
import { parsePlatform } from "../../src/image/documents/platform.ts";
import { canonicalNames } from "../../src/image/subject.ts";
import { describe, indexOf, makeOciImage, scratch, settingsFor, types, writeLayout } from "../support/oci-image.ts";
import { openImage } from "../support/open-image.ts";

const diffIds = [`sha256:${"a".repeat(64)}`];

function read(changes: object, run: object = {}): ReturnType<typeof readConfig> {
  const document = {
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: diffIds },
    config: run,
    ...changes,
  };
  return readConfig(Buffer.from(JSON.stringify(document)), 1_000_000);
}

type Row = readonly [id: string, what: string, changes: object, run: object, rules: readonly string[]];
const rows: readonly Row[] = [
  [
    "C0",
    "a plain config",
    {},
    { User: "1000:1000", WorkingDir: "/app", Volumes: { "/data": {} }, StopSignal: "SIGTERM" },
    [],
  ],
  ["C0b", "a config with nothing in it", { config: null }, {}, []],
  ["C1", "LD_PRELOAD in the environment is read", {}, { Env: ["LD_PRELOAD=/x.so"] }, ["loader-environment"]],
  ["C2a", "a user beyond 32 bits", {}, { User: "4294967296" }, ["user-out-of-range"]],
  ["C2b", "a user beyond 31 bits with a group", {}, { User: "2147483648:1" }, ["user-out-of-range"]],
  ["C2c", "a group beyond 31 bits", {}, { User: "app:2147483648" }, ["user-out-of-range"]],
  ["C2d", "a negative user", {}, { User: "-1" }, ["user-out-of-range"]],
  ["C2e", "the largest user", {}, { User: "2147483647" }, []],
  ["C3a", "a working directory that is an open file", {}, { WorkingDir: "/proc/self/fd/8" }, ["working-directory"]],
  ["C3b", "the same, around a corner", {}, { WorkingDir: "/app/../proc/self/fd/8" }, ["working-directory"]],
  ["C3c", "a relative one", {}, { WorkingDir: "app" }, ["working-directory"]],
  ["C3d", "one with more slashes", {}, { WorkingDir: "//proc//self/cwd" }, ["working-directory"]],
  [
    "C4",
    "volumes over the root and the kernel's files",
    {},
    { Volumes: { "/": {}, "/proc": {}, "/data": null } },
    ["volume-path", "volume-path"],
  ],
  ["C5", "ONBUILD is read", {}, { OnBuild: ["RUN x"] }, ["onbuild-trigger"]],
  ["C6", "labels may differ in case alone", {}, { Labels: { a: "1", A: "2" } }, []],
  [
    "C7",
    "a health check every millisecond",
    {},
    { Healthcheck: { Test: ["CMD", "x"], Interval: 1_000_000 } },
    ["health-check-interval"],
  ],
  ["C8", "a stop signal that is none", {}, { StopSignal: "$(reboot)" }, ["stop-signal"]],
  [
    "C10",
    "a history of other layers",
    { history: [{ created_by: "a" }, { created_by: "b" }] },
    {},
    ["history-disagrees"],
  ],
];
for (const [id, what, changes, run, rules] of rows) {
  test(`${id}: ${what}`, () => {
    const config = read(changes, run);
    const found = configRules.flatMap(({ id, inspect }) => inspect(config).map(() => id));
    assert.deepEqual(
      found.filter((id) => id !== "runs-as-root"),
      rules,
    );
  });
}

test("C9: a config for another platform than the index says is told", async (t) => {
  const folder = await scratch(t);
  const image = makeOciImage({ config: { architecture: "arm64" } });
  const platform = { os: "linux", architecture: "amd64" };
  await writeLayout(folder, image, indexOf(describe(image.manifest, types.manifest, { platform })));
  const opened = await openImage(folder, settingsFor(folder));
  const rule = configRules.find(({ id }) => id === "platform-disagrees");
  assert.deepEqual(rule?.inspect(opened.description.config), [{ what: "linux/arm64 in the place of linux/amd64" }]);
  await opened.close();
});

test("C12: everything a config claims is there to be judged", () => {
  const config = read(
    {
      created: "2026-01-02T03:04:05Z",
      history: [{ created_by: "RUN x", created: "2026-01-02T03:04:05Z", comment: "c" }],
    },
    {
      Labels: { "signed-by": "anyone" },
      Entrypoint: ["/e"],
      Cmd: ["c"],
      ExposedPorts: { "80/tcp": {} },
      Healthcheck: { Test: ["NONE"] },
    },
  );
  assert.deepEqual(
    [config.labels, config.entrypoint, config.command, config.exposedPorts, config.healthcheck, config.history],
    [
      { "signed-by": "anyone" },
      ["/e"],
      ["c"],
      ["80/tcp"],
      ["NONE"],
      [{ createdBy: "RUN x", created: "2026-01-02T03:04:05Z", comment: "c", isEmptyLayer: false }],
    ].map((value, index) => (index === 0 ? Object.assign(Object.create(null), value) : value)),
  );
});

test("keys that Go reads in any case are refused in a config too", () => {
  for (const run of [{ user: "0" }, { USER: "0" }, { Env: [], env: [] }, { User: "1", "U\u017fer": "0" }]) {
    assert.throws(() => read({}, run), { code: "AMBIGUOUS_INPUT" });
  }
});

test("a config of another kind is refused", () => {
  for (const changes of [
    { rootfs: { type: "squashfs" } },
    { rootfs: undefined },
    { os: 1 },
    { rootfs: { type: "layers", diff_ids: ["sha256:x"] } },
  ]) {
    assert.throws(() => read(changes), { code: "MALFORMED_INPUT" });
  }
});

test("platforms and names are read in one form only", () => {
  assert.deepEqual(
    [
      parsePlatform("linux/arm64/v8"),
      parsePlatform("linux/amd64"),
      parsePlatform("linux"),
      parsePlatform("Linux/amd64"),
      parsePlatform("linux/arm/7"),
    ],
    [
      { os: "linux", architecture: "arm64", variant: "v8" },
      { os: "linux", architecture: "amd64", variant: "" },
      undefined,
      undefined,
      undefined,
    ],
  );
  assert.deepEqual(canonicalNames(["busybox", "docker.io/library/busybox:latest", "../x", "b:2"]), [
    "docker.io/library/b:2",
    "docker.io/library/busybox:latest",
  ]);
});
