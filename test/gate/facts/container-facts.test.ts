// Rows of the attack catalogue as the facts that policies see: each row names only what differs from a plain container.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KnownFacts, Reference } from "../../../src/gate/call.ts";
import { factsOf } from "../../../src/gate/facts/facts-of.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { caller, callOf, enforcing, pinnedCall } from "../../support/semantics.ts";

const alice = caller("alice");

function factsFor(hostConfig: JsonObject, known: Partial<KnownFacts> = {}, more: JsonObject = {}): Facts {
  const call = callOf("POST", "/containers/create", { Image: "bb:1", ...more, HostConfig: hostConfig });
  return factsOf(pinnedCall(call, known), alice, enforcing);
}

function differences(facts: Facts): Facts {
  const plain = factsFor({});
  const changed = Object.entries(facts).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(plain[name]),
  );
  return Object.fromEntries(changed);
}

type Row = readonly [string, JsonObject, Facts];

const rows: readonly Row[] = [
  ["H01", { Privileged: true }, { privileged: true }],
  ["H04", { CapAdd: ["sys_admin", "CAP_SYS_ADMIN"] }, { capAdd: ["CAP_SYS_ADMIN"] }],
  ["H05", { CapAdd: ["all"] }, { capAdd: ["ALL"] }],
  ["H05b", { Capabilities: ["CAP_BPF"] }, { capAdd: ["CAP_BPF"] }],
  ["H07", { Devices: [{ PathOnHost: "/dev/vda", PathInContainer: "/dev/x" }] }, { devices: ["/dev/vda"] }],
  ["H08", { DeviceCgroupRules: ["b 254:* rwm"] }, { deviceRules: ["b 254:* rwm"] }],
  ["H40", { DeviceRequests: [{ Count: -1 }] }, { deviceRequests: true }],
  ["H09", { PidMode: "host" }, { pidMode: "host" }],
  ["H11", { PidMode: "container:abc" }, { pidMode: "container" }],
  ["H13", { IpcMode: "host" }, { ipcMode: "host" }],
  ["H14", { NetworkMode: "host" }, { networkMode: "host" }],
  ["H15", { NetworkMode: "container:abc" }, { networkMode: "container" }],
  ["H16", { NetworkMode: "ns:/proc/1/ns/net" }, { networkMode: "other" }],
  ["H17", { UTSMode: "host" }, { utsMode: "host" }],
  ["H18", { CgroupnsMode: "host" }, { cgroupnsMode: "host" }],
  ["H19", { UsernsMode: "host" }, { usernsMode: "host" }],
  ["H20", { SecurityOpt: ["seccomp=unconfined"] }, { seccomp: "unconfined" }],
  ["H21", { SecurityOpt: ["seccomp:unconfined"] }, { seccomp: "unconfined" }],
  ["H22", { SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] }, { seccomp: "custom" }],
  ["H24a", { SecurityOpt: ["label=disable"] }, { selinux: "disabled" }],
  ["H24b", { SecurityOpt: ["apparmor=unconfined"] }, { apparmor: "unconfined" }],
  ["H24c", { SecurityOpt: ["no-new-privileges=false"] }, { otherSecurityOptions: ["no-new-privileges=false"] }],
  ["H24d", { SecurityOpt: ["disable"] }, { otherSecurityOptions: ["disable"] }],
  ["H24e", { SecurityOpt: ["no-new-privileges"] }, { noNewPrivileges: true }],
  ["H23", { MaskedPaths: [], ReadonlyPaths: [] }, { systemPathsUnconfined: true }],
  ["H23b", { MaskedPaths: null }, {}],
  ["H25", { Runtime: "io.containerd.runc.v2" }, { runtime: "io.containerd.runc.v2" }],
  ["H26", { Sysctls: { "net.ipv4.ip_forward": "1" } }, { sysctls: ["net.ipv4.ip_forward=1"] }],
  ["H27", { CgroupParent: "/gate_escape" }, { cgroupParent: "/gate_escape" }],
  [
    "H29",
    { OomScoreAdj: -500, PidsLimit: -1, OomKillDisable: true },
    { oomScoreAdj: -500, pidsLimit: -1, oomKillDisable: true },
  ],
  ["H30", { Ulimits: [{ Name: "memlock", Soft: -1, Hard: -1 }] }, { ulimits: ["memlock=-1:-1"] }],
  ["H31", { GroupAdd: ["106"] }, { groupAdd: ["106"] }],
  ["H32", { Links: ["victim:x"] }, { links: true }],
  ["H33", { LogConfig: { Type: "syslog" } }, { logDriver: "syslog" }],
  [
    "H36",
    { PortBindings: { "80/tcp": [{ HostPort: "81" }] } },
    { publishedPorts: ["0.0.0.0:81/tcp"], publishesPrivilegedPort: true },
  ],
  [
    "H36b",
    { PortBindings: { "80/udp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
    { publishedPorts: ["127.0.0.1:0/udp"] },
  ],
  [
    "H36c",
    { PortBindings: { "80": [{ HostPort: "1000-2000" }] } },
    { publishedPorts: ["0.0.0.0:1000-2000/tcp"], publishesPrivilegedPort: true },
  ],
  ["H38", { RestartPolicy: { Name: "always" } }, { restartPolicy: "always" }],
  ["H41", { ContainerIDFile: "/etc/x" }, { containerIdFile: "/etc/x" }],
  ["annotations", { Annotations: { "run.oci.hooks": "x" } }, { annotations: ["run.oci.hooks"] }],
  ["storage", { StorageOpt: { size: "1G" } }, { storageOptions: true }],
  ["bigint", { Memory: 9007199254740993n }, { memory: Number.MAX_SAFE_INTEGER }],
  ["V17", { VolumesFrom: ["abc"] }, { volumesFrom: true }],
  ["V16", { Binds: ["data:/d"] }, { volumes: ["data"] }],
  ["VolumeDriver", { VolumeDriver: "sshfs" }, { volumeDrivers: ["plugin:sshfs"] }],
];

test("every row of the catalogue shows in the facts, and nothing else does", () => {
  assert.deepEqual(
    Object.fromEntries(rows.map(([id, hostConfig]) => [id, differences(factsFor(hostConfig))])),
    Object.fromEntries(rows.map(([id, , wanted]) => [id, wanted])),
  );
});

test("a host path shows however it is mounted", () => {
  const known = {
    realPaths: { "/": "/", "/link": "/", "/srv": "/srv" },
    volumeOptions: { v1: { type: "none", o: "bind", device: "/srv" } },
  };
  const inline = { DriverConfig: { Name: "local", Options: { type: "none", o: "bind", device: "/srv" } } };
  const overlay = { DriverConfig: { Options: { type: "overlay", o: "lowerdir=/etc:/usr", device: "overlay" } } };
  const of = (hostConfig: JsonObject) => differences(factsFor(hostConfig, known));
  assert.deepEqual(
    {
      bind: of({ Binds: ["/link:/h:ro"] }),
      mount: of({ Mounts: [{ Type: "bind", Source: "/srv", Target: "/h" }] }),
      volume: of({ Binds: ["v1:/h"] }),
      inline: of({ Mounts: [{ Type: "volume", Source: "v2", Target: "/h", VolumeOptions: inline }] }),
      overlay: of({ Mounts: [{ Type: "volume", Target: "/h", VolumeOptions: overlay }] }),
      cluster: of({ Mounts: [{ Type: "cluster", Source: "v3", Target: "/h" }] }),
      clusterBind: of({ Mounts: [{ Type: "cluster", Source: "v3", Target: "/h", VolumeOptions: inline }] }),
      missing: of({ Binds: ["/nosuch:/h"] }),
    },
    {
      bind: { hostBinds: ["/"], bindsEngine: true },
      mount: { hostBinds: ["/srv"], hostBindsWritable: ["/srv"] },
      volume: { hostBinds: ["/srv"], hostBindsWritable: ["/srv"], volumes: ["v1"], volumeDrivers: ["local:bind"] },
      inline: { hostBinds: ["/srv"], hostBindsWritable: ["/srv"], volumes: ["v2"], volumeDrivers: ["local:bind"] },
      overlay: { volumeDrivers: ["local:overlay"] },
      cluster: { volumes: ["v3"], volumeDrivers: ["cluster"] },
      clusterBind: { hostBinds: ["/srv"], hostBindsWritable: ["/srv"], volumes: ["v3"], volumeDrivers: ["cluster"] },
      missing: { hostBinds: ["/nosuch"], hostBindsWritable: ["/nosuch"], hostBindsMissing: true },
    },
  );
});

test("who a container runs as is the image's user unless the call says otherwise", () => {
  const asks = (user: string, imageUser: string) => factsFor({}, { imageUser }, { User: user })["runsAsRoot"];
  assert.deepEqual(
    [asks("", ""), asks("", "1000"), asks("0:1000", "1000"), asks("1000:0", ""), asks("root", "app"), asks("00", "1")],
    [true, false, true, false, true, true],
  );
});

test("a reference is foreign, unowned, or the caller's and shared and then no matter", () => {
  const reference = (more: Partial<Reference>): Reference => ({
    role: "container",
    name: "x",
    id: "ID",
    owner: "",
    isShared: false,
    exists: true,
    ...more,
  });
  const references = [
    reference({ id: "A", owner: "unix:bob" }),
    reference({ id: "B" }),
    reference({ id: "C", owner: "unix:alice" }),
    reference({ id: "D", role: "image", isShared: true }),
    reference({ id: "", exists: false }),
    reference({ id: "E", role: "tag", name: "docker.io/library/a:b", owner: "unix:bob" }),
  ];
  const facts = factsOf(pinnedCall(callOf("GET", "/containers/json"), {}, references), alice, enforcing);
  assert.deepEqual(
    [facts["foreignReferences"], facts["unownedReferences"]],
    [["container:A", "tag:docker.io/library/a:b"], ["container:B"]],
  );
});
