// Profiles as people write them: read strictly, and found for an image under whatever name it is used.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { readProfile } from "../../src/harden/read-profile.ts";
import { selectProfiles } from "../../src/harden/select-profiles.ts";
import { watchDemands, withDemands } from "../../src/harden/watch-demands.ts";
import type { Profile } from "../../src/model/profile.ts";

const id = `sha256:${"a".repeat(64)}`;

function read(text: string): Profile {
  return readProfile({
    file: "web.yaml",
    text,
    readFile(name) {
      if (name === "web.json") return new TextEncoder().encode('{"defaultAction":"SCMP_ACT_ERRNO"}');
      throw new Error(`${name}: no such file`);
    },
  });
}

test("a profile is read with its names in full", () => {
  const text = [
    "name: web",
    `images: [nginx, "quay.io/a/b:1", ${id}]`,
    "capabilities: [net_bind_service]",
    "seccomp: web.json",
    "noNewPrivileges: true",
    "userNamespace: false",
    "readOnlyRoot: { writable: [/run] }",
    "pidsLimit: 100",
    "memory: 64 MiB",
    "runtime: runsc",
    "protections: { drift: block }",
    "connect: [{ to: 10.0.0.0/8, port: 5432 }, { to: '*.debian.org' }]",
  ];
  assert.deepEqual(read(text.join("\n")), {
    name: "web",
    file: "web.yaml",
    images: ["docker.io/library/nginx", "quay.io/a/b:1", id],
    capabilities: ["CAP_NET_BIND_SERVICE"],
    seccomp: Object.assign(Object.create(null), { defaultAction: "SCMP_ACT_ERRNO" }),
    noNewPrivileges: true,
    readOnlyRoot: { writable: ["/run"] },
    pidsLimit: 100,
    memory: 64 * 2 ** 20,
    runtime: "runsc",
    protections: { drift: "block" },
    connect: [
      { to: "10.0.0.0/8", port: 5432 },
      { to: "*.debian.org", port: 0 },
    ],
  });
});

const mistakes: Readonly<Record<string, RegExp>> = {
  "name: web": /images: expected an array, found nothing/,
  "name: WEB\nimages: []": /name: expected lower-case/,
  "name: web\nimages: ['*']\ncapabilties: []": /capabilties: no such key/,
  "name: web\nimages: ['*']\ncapabilities: [NET_ROW]": /"NET_ROW" is no capability/,
  "name: web\nimages: ['*']\ncapabilities: [ALL]": /"ALL" is no capability/,
  "name: web\nimages: ['*']\nseccomp: other.json": /other.json: no such file/,
  "name: web\nimages: ['*']\nseccomp: { default: 1 }": /expected a filter with a defaultAction/,
  "name: web\nimages: ['*']\nmemory: 1 MiB": /at least 6 MiB/,
  "name: web\nimages: ['*']\nmemory: lots": /expected a size/,
  "name: web\nimages: ['*']\npidsLimit: 0": /expected a number above 0/,
  "name: web\nimages: ['*']\nreadOnlyRoot: { writable: [../etc] }": /expected absolute paths/,
  "name: web\nimages: ['*']\nreadOnlyRoot: { writable: [/a/../etc] }": /expected absolute paths/,
  "name: web\nimages: ['*']\nprotections: { drift: blok }": /protections.drift: expected one of off, detect, block/,
  "name: web\nimages: ['Not A Name']": /expected a name like/,
  "name: web\nname: web2\nimages: []": /unique/,
  "name: &a web\nimages: [*a]": /alias/i,
  "name: web\nimages: ['*']\nuser: !secret x": /line 3: .*tag/i,
};

for (const [text, expected] of Object.entries(mistakes)) {
  test(`a mistake is told: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => read(text),
      (error) => error instanceof PlimsollError && error.code === "CONFIG_INVALID" && expected.test(error.message),
    );
  });
}

test("every profile that fits an image is applied, the general ones first", () => {
  const named = (name: string, images: readonly string[]): Profile => ({ name, file: "", images });
  const profiles = [
    named("by-id", [id]),
    named("general", ["*"]),
    named("by-repository", ["docker.io/library/nginx"]),
    named("by-tag", ["docker.io/library/nginx:1.27"]),
    named("other", ["docker.io/library/redis"]),
  ];
  const of = (tags: readonly string[], repositories: readonly string[] = [], imageId = id): readonly string[] =>
    selectProfiles(profiles, { id: imageId, tags, repositories }).map(({ name }) => name);
  assert.deepEqual(of(["docker.io/library/nginx:1.27"]), ["general", "by-id", "by-repository", "by-tag"]);
  // Another name beside its own takes nothing away.
  assert.deepEqual(of(["127.0.0.1:5000/mine:1", "docker.io/library/nginx:1.26"], [], "sha256:b"), [
    "general",
    "by-repository",
  ]);
  assert.deepEqual(of(["127.0.0.1:5000/mine:1"], ["docker.io/library/nginx"], "sha256:b"), [
    "general",
    "by-repository",
  ]);
  assert.deepEqual(of(["127.0.0.1:5000/library/nginx:1.27"], [], "sha256:b"), ["general"]);
});

test("of the watch profiles demand the strictest level each, and the last list of peers", () => {
  const first: Profile = {
    name: "a",
    file: "",
    images: ["*"],
    protections: { drift: "block", network: "detect" },
    connect: [],
  };
  const second: Profile = {
    name: "b",
    file: "",
    images: ["*"],
    protections: { drift: "detect" },
    connect: [{ to: "10.0.0.1", port: 1 }],
  };
  const demands = watchDemands([first, second]);
  assert.deepEqual(
    [[...demands.levels], demands.connect],
    [
      [
        ["drift", "block"],
        ["network", "detect"],
      ],
      [{ to: "10.0.0.1", port: 1 }],
    ],
  );
  const off = {
    drift: "off",
    memory: "block",
    escape: "off",
    "host-paths": "off",
    network: "off",
    malware: "off",
    mining: "off",
  } as const;
  assert.deepEqual(withDemands(off, demands.levels), { ...off, drift: "block", network: "detect" });
});
