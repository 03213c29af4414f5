// What Podman reads into Docker's requests. That it does, and that nothing of it passes, is shown on a real Podman
// (test/fixtures/attacks/podman.yaml); this test holds what is refused, and that Docker's own options are not.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineDescription } from "../../src/engine/engine.ts";
import { routes } from "../../src/engine/routes.ts";
import type { Call } from "../../src/gate/call.ts";
import { refuseOtherReadings } from "../../src/gate/normalize/other-readings.ts";
import { Refusal } from "../../src/gate/refusal.ts";
import { dockerfileReferences } from "../../src/gate/uploads/dockerfile-references.ts";
import { otherBuildReadings } from "../../src/gate/uploads/other-builders.ts";
import type { JsonObject } from "../../src/model/json.ts";

const podman: EngineDescription = {
  kind: "podman",
  socket: "/run/podman/podman.sock",
  version: "5.4.2",
  apiVersion: "1.41",
  minApiVersion: "1.24",
  os: "linux",
  arch: "amd64",
  dataRoot: "/var/lib/containers/storage",
};

const creates: readonly (readonly [JsonObject, string])[] = [
  [{ Volumes: { "/data": {} }, Env: ["A=1", "B="] }, "passes"],
  [{ HostConfig: { Binds: ["/srv:/s:ro,z", "data:/d:nocopy", "/anonymous", "data:/e:rw,rslave"] } }, "passes"],
  [{ HostConfig: { Mounts: [{ Type: "volume", Source: "data", Target: "/a b" }] } }, "passes"],
  [{ HostConfig: { LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } } } }, "passes"],
  [{ Volumes: { "/:/h": {} } }, "Volumes"],
  [{ HostConfig: { Binds: [".:/h"] } }, "HostConfig.Binds"],
  [{ HostConfig: { Binds: ["data:/h:U"] } }, "HostConfig.Binds"],
  [{ HostConfig: { Binds: ["data:/h:O,upperdir=/etc"] } }, "HostConfig.Binds"],
  [{ HostConfig: { Binds: ["data:/h:dev,suid"] } }, "HostConfig.Binds"],
  [{ HostConfig: { Mounts: [{ Type: "volume", Source: "data", Target: "/h,U=true" }] } }, "HostConfig.Mounts"],
  [{ HostConfig: { Mounts: [{ Type: "tmpfs", Target: '/h"' }] } }, "HostConfig.Mounts"],
  [{ HostConfig: { Mounts: [{ Type: "bind", BindOptions: { Propagation: "rprivate,x" } }] } }, "HostConfig.Mounts"],
  [{ HostConfig: { LogConfig: { Config: { path: "/etc/cron.d/x" } } } }, "HostConfig.LogConfig"],
  [{ HostConfig: { LogConfig: { Config: { "path=/etc/x": "" } } } }, "HostConfig.LogConfig"],
  [{ Env: ["PATH=/bin", "HOME"] }, "Env"],
  [{ Env: ["*"] }, "Env"],
];

test("what a create would mean to Podman beyond Docker's meaning is refused, and only that", () => {
  const found = creates.map(([value]) => refusalOf({ ...callOf("/containers/create"), body: { kind: "json", value } }));
  assert.deepEqual(
    found,
    creates.map(([, where]) => where),
  );
});

test("in front of Docker the same creates are left to Docker's meaning", () => {
  const docker = { ...podman, kind: "docker" };
  for (const [value] of creates) {
    refuseOtherReadings({ ...callOf("/containers/create"), body: { kind: "json", value } }, docker);
  }
});

test("one Dockerfile by its path, and nothing that is a list, a URL or food for a preprocessor", () => {
  const paths = [
    "",
    "Dockerfile",
    "deep/er/Dockerfile.dev",
    '["evil"]',
    " [1]",
    "null ",
    "http://h/x",
    "Dockerfile.in",
  ];
  const found = paths.map((path) => refusalOf({ ...callOf("/build"), query: { dockerfile: [path] } }));
  const where = "query dockerfile";
  assert.deepEqual(found, ["passes", "passes", "passes", where, where, where, where, where]);
});

test("steps of a build keep to the build, and images go by names", () => {
  const dockerfile = [
    "FROM bb:1",
    "RUN --mount=type=bind,source=.,target=/s --network=none true",
    "RUN --mount=target=/s,source=. true",
    "RUN --network=host true",
    "RUN --mount=type=cache,target=/c true",
    "RUN --mount=target=/c,type=cache true",
    "RUN --mount=type=bind,type=secret,id=x true",
    "RUN --security=insecure true",
    "COPY --from=containers-storage:theirs /a /a",
    "COPY --from=docker/dir:1 /a /a",
  ].join("\n");
  const found = dockerfileReferences(Buffer.from(dockerfile));
  const reasons = (kind: string) => otherBuildReadings(found, kind).map(({ message }) => message.replace(/^.*?: /, ""));
  assert.deepEqual(
    { docker: reasons("docker"), podman: reasons("podman") },
    {
      docker: [],
      podman: [
        `RUN "--mount=target=/c,type=cache" ${past}`,
        `RUN "--mount=type=bind,type=secret,id=x" ${past}`,
        `RUN "--mount=type=cache,target=/c" ${past}`,
        `RUN "--network=host" ${past}`,
        `RUN "--security=insecure" ${past}`,
        `"containers-storage:theirs" names an image by where it lies, to Podman's builder`,
      ],
    },
  );
});

const past = "reaches past the build in Podman's builder";

function callOf(path: string): Call {
  const route = routes.find((known) => known.method === "POST" && known.path === path);
  assert.ok(route);
  return { route, apiVersion: "1.41", params: {}, query: {}, headers: {}, body: { kind: "none" } };
}

function refusalOf(call: Call): string {
  try {
    refuseOtherReadings(call, podman);
    return "passes";
  } catch (thrown) {
    assert.ok(thrown instanceof Refusal);
    return thrown.message.split(":")[0] ?? "";
  }
}
