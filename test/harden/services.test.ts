// Services hardened by profiles, as values: what is written into the service, and what is refused because it has no words for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hardenService } from "../../src/harden/harden-service.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Profile } from "../../src/model/profile.ts";

const base = { name: "tight", file: "tight.yaml", images: ["*"] };
const image = { user: "" };

function hardened(spec: JsonObject, profile: Partial<Profile>, apiVersion = "1.45"): JsonObject {
  const service = { Name: "web", TaskTemplate: { ContainerSpec: { Image: "web:1", ...spec } } };
  const { request } = hardenService(service, [{ ...base, ...profile }], { image, apiVersion });
  const task = request["TaskTemplate"];
  return typeof task === "object" && task !== null && "ContainerSpec" in task ? task : {};
}

test("a control that no service of this version carries is named, with what it would need", () => {
  const unable = (profile: Partial<Profile>, apiVersion: string): readonly string[] =>
    hardenService({}, [{ ...base, ...profile }], { image, apiVersion }).unable;
  assert.deepEqual(
    [
      unable({ capabilities: [], pidsLimit: 1 }, "1.40"),
      unable({ capabilities: [], pidsLimit: 1, noNewPrivileges: true, seccomp: {} }, "1.41"),
      unable({ capabilities: [], pidsLimit: 1, noNewPrivileges: true, seccomp: {} }, "1.44"),
      unable({ apparmor: "a", runtime: "crun", protections: {}, connect: [], bind: [] }, "1.56"),
      // What cannot be read as a version carries nothing.
      unable({ capabilities: [] }, "2"),
      unable(
        { user: "1", memory: 1, readOnlyRoot: { writable: [] }, selinux: { type: "t" }, userNamespace: true },
        "1.24",
      ),
    ],
    [
      ["capabilities (needs API 1.41, this is 1.40)", "pids-limit (needs API 1.41, this is 1.40)"],
      ["no-new-privileges (needs API 1.44, this is 1.41)", "seccomp (needs API 1.44, this is 1.41)"],
      [],
      [
        ...[
          "apparmor (no service can say it)",
          "runtime (no service can say it)",
          "levels of the watch (no service can say it)",
        ],
        ...["connect list (no service can say it)", "bind list (no service can say it)"],
      ],
      ["capabilities (needs API 1.41, this is 2)"],
      [],
    ],
  );
});

test("capabilities that are asked for and not kept are gone, even when none are kept", () => {
  const task = hardened({ CapabilityAdd: ["CAP_SYS_ADMIN"] }, { capabilities: [] });
  assert.deepEqual(task["ContainerSpec"], { Image: "web:1", CapabilityAdd: [], CapabilityDrop: ["ALL"] });
});

test("filter, labels and new privileges are written where a service has them, beside what was there", () => {
  const task = hardened(
    {
      Privileges: {
        CredentialSpec: { Config: "x" },
        Seccomp: { Mode: "unconfined" },
        SELinuxContext: { Disable: true },
      },
    },
    {
      noNewPrivileges: true,
      seccomp: { defaultAction: "SCMP_ACT_ALLOW" },
      selinux: { type: "a_t", level: "s0:c1,c2" },
    },
  );
  assert.deepEqual(task["ContainerSpec"], {
    Image: "web:1",
    Privileges: {
      CredentialSpec: { Config: "x" },
      NoNewPrivileges: true,
      Seccomp: { Mode: "custom", Profile: Buffer.from('{"defaultAction":"SCMP_ACT_ALLOW"}').toString("base64") },
      SELinuxContext: { Type: "a_t", Level: "s0:c1,c2" },
    },
  });
});

test("limits only go down, and swap that was asked for beside them is not passed on", () => {
  const service = {
    TaskTemplate: {
      ContainerSpec: {},
      Resources: {
        SwapBytes: -1,
        Limits: { MemoryBytes: 10, Pids: 500, NanoCPUs: 7 },
        Reservations: { MemoryBytes: 5 },
      },
    },
  };
  const { request } = hardenService(service, [{ ...base, memory: 20, pidsLimit: 100 }], { image, apiVersion: "1.45" });
  assert.deepEqual(request, {
    TaskTemplate: {
      ContainerSpec: {},
      Resources: { Limits: { MemoryBytes: 10, Pids: 100, NanoCPUs: 7 }, Reservations: { MemoryBytes: 5 } },
    },
  });
});

test("a path that is writable becomes a tmpfs unless the service mounts something there", () => {
  const mounts = [{ Type: "volume", Source: "data", Target: "/data" }];
  const task = hardened({ Mounts: mounts }, { readOnlyRoot: { writable: ["/tmp", "/data"] } });
  assert.deepEqual(task["ContainerSpec"], {
    Image: "web:1",
    ReadOnly: true,
    Mounts: [...mounts, { Type: "tmpfs", Target: "/tmp" }],
  });
});
