// A control takes away and never gives: whatever a caller asks for, the hardened request asks for no more.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { integerAt, isTrueAt, textAt, textsAt } from "../../src/base/reading.ts";
import { grantedCapabilities, knownCapabilities } from "../../src/harden/capabilities.ts";
import { controls } from "../../src/harden/controls.generated.ts";
import { harden } from "../../src/harden/harden.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Profile } from "../../src/model/profile.ts";

const profile: Profile = { name: "web", file: "web.yaml", images: ["*"] };
const image = { user: "" };

function hardened(
  request: JsonObject,
  wanted: Partial<Profile>,
): { readonly request: JsonObject; readonly changes: readonly string[] } {
  const { request: body, changes } = harden(request, [{ ...profile, ...wanted }], image);
  return { request: body, changes };
}

test("a profile that says nothing changes nothing", () => {
  const request = {
    Image: "a",
    HostConfig: { Privileged: true, CapAdd: ["SYS_ADMIN"], SecurityOpt: ["seccomp=unconfined"] },
  };
  for (const control of controls) assert.deepEqual(control.harden(request, profile, image), { request, changes: [] });
});

test("capabilities that the profile does not keep are gone, and the caller is told which", () => {
  assert.deepEqual(
    hardened(
      { HostConfig: { CapAdd: ["net_admin", "NET_BIND_SERVICE"], CapDrop: ["CHOWN"] } },
      {
        capabilities: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETUID"],
      },
    ),
    {
      request: { HostConfig: { CapAdd: ["CAP_NET_BIND_SERVICE", "CAP_SETUID"], CapDrop: ["ALL"] } },
      changes: [
        "without AUDIT_WRITE, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_ADMIN and 5 more capabilities (profile web)",
      ],
    },
  );
});

test("a privileged container is no longer privileged under a profile that names capabilities", () => {
  const { request, changes } = hardened({ HostConfig: { Privileged: true } }, { capabilities: ["CAP_SYS_ADMIN"] });
  assert.deepEqual(request, { HostConfig: { Privileged: false, CapDrop: ["ALL"], CapAdd: ["CAP_SYS_ADMIN"] } });
  assert.equal(changes[0], "no longer privileged (profile web)");
});

test("filters and labels of the profile stand in the place of the caller's", () => {
  const options = [
    "seccomp=unconfined",
    "apparmor:unconfined",
    "label=disable",
    "no-new-privileges=false",
    "systempaths=unconfined",
  ];
  const { request } = hardened(
    { HostConfig: { SecurityOpt: options } },
    {
      seccomp: { defaultAction: "SCMP_ACT_ERRNO" },
      apparmor: "plimsoll-web",
      selinux: { type: "container_t", level: "s0:c1,c2" },
      noNewPrivileges: true,
    },
  );
  assert.deepEqual(request["HostConfig"], {
    SecurityOpt: [
      "systempaths=unconfined",
      "apparmor=plimsoll-web",
      "no-new-privileges",
      'seccomp={"defaultAction":"SCMP_ACT_ERRNO"}',
      "label=type:container_t",
      "label=level:s0:c1,c2",
    ],
  });
});

test("a read-only root keeps what the caller mounts, and gives tmpfs to the rest that is written", () => {
  assert.deepEqual(
    hardened(
      { HostConfig: { Binds: ["data:/var/lib/web:rw"], Tmpfs: { "/run": "size=1m" } } },
      { readOnlyRoot: { writable: ["/run", "/tmp", "/var/lib/web"] } },
    ).request,
    {
      HostConfig: {
        Binds: ["data:/var/lib/web:rw"],
        ReadonlyRootfs: true,
        Tmpfs: { "/run": "size=1m", "/tmp": "rw,noexec,nosuid,nodev" },
      },
    },
  );
});

test("root becomes the profile's user, and another user stays who he is", () => {
  const user = "1000:1000";
  const of = (asked: string, own: string): string =>
    textAt(harden({ User: asked }, [{ ...profile, user }], { user: own }).request, "User");
  assert.deepEqual(
    [of("", ""), of("root", ""), of("0:5", "app"), of("", "app"), of("33", ""), of("00", "")],
    [user, user, user, "", "33", user],
  );
});

test("limits only ever fall, swap with memory", () => {
  const mebibyte = 2 ** 20;
  const memory = 64 * mebibyte;
  const of = (host: JsonObject): unknown =>
    hardened({ HostConfig: host }, { memory, pidsLimit: 50 }).request["HostConfig"];
  assert.deepEqual(
    [
      of({}),
      of({ Memory: 32 * mebibyte, MemorySwap: -1, PidsLimit: -1 }),
      of({ Memory: 32 * mebibyte, MemorySwap: 48 * mebibyte, PidsLimit: 10 }),
      of({ Memory: 1024 * mebibyte, MemoryReservation: 512 * mebibyte, PidsLimit: 0 }),
    ],
    [
      { Memory: memory, MemorySwap: memory, PidsLimit: 50 },
      { Memory: 32 * mebibyte, MemorySwap: memory, PidsLimit: 50 },
      { Memory: 32 * mebibyte, MemorySwap: 48 * mebibyte, PidsLimit: 10 },
      { Memory: memory, MemorySwap: memory, MemoryReservation: memory, PidsLimit: 50 },
    ],
  );
});

test("the runtime is the profile's, and what it hides from the watch is said", () => {
  const { request, changes } = hardened({ HostConfig: {} }, { runtime: "runsc" });
  assert.deepEqual(request, { HostConfig: { Runtime: "runsc" } });
  assert.deepEqual(changes, [
    "runs under runsc (profile web); the watch sees the sandbox, not the system calls inside it",
  ]);
});

test("of two profiles the stricter limit holds, whichever comes last", () => {
  const tight = { ...profile, name: "tight", pidsLimit: 10, capabilities: ["CAP_CHOWN"] };
  const loose = { ...profile, name: "loose", pidsLimit: 100, capabilities: ["CAP_CHOWN", "CAP_KILL"] };
  for (const order of [
    [tight, loose],
    [loose, tight],
  ]) {
    const { request } = harden({}, order, image);
    assert.deepEqual(request, { HostConfig: { CapDrop: ["ALL"], CapAdd: ["CAP_CHOWN"], PidsLimit: 10 } });
  }
});

const capability = fc.constantFrom(...knownCapabilities, "ALL", "net_raw", "cap_sys_admin");
const someCapabilities = fc.array(capability, { maxLength: 6 });
const limit = fc.constantFrom(-1, 0, 1, 10, 1000, 2 ** 40);
const asked = fc.record(
  {
    Privileged: fc.boolean(),
    CapAdd: someCapabilities,
    CapDrop: someCapabilities,
    PidsLimit: limit,
    Memory: limit,
    MemorySwap: limit,
    SecurityOpt: fc.array(
      fc.constantFrom(
        "seccomp=unconfined",
        "seccomp:x",
        "apparmor=unconfined",
        "label=disable",
        "no-new-privileges:false",
      ),
    ),
  },
  { requiredKeys: [] },
);

test("whatever is asked for, nothing is granted that was not asked for or not kept", () => {
  fc.assert(
    fc.property(
      asked,
      someCapabilities.filter((list) => !list.includes("ALL")),
      fc.integer({ min: 1, max: 500 }),
      (host, kept, most) => {
        const wanted = {
          capabilities: kept,
          pidsLimit: most,
          memory: most * 2 ** 20,
          noNewPrivileges: true,
          seccomp: { defaultAction: "x" },
        } as const;
        const { request } = hardened({ HostConfig: host }, wanted);
        const after = request["HostConfig"];
        const before =
          host.Privileged === true ? knownCapabilities : grantedCapabilities(host.CapAdd ?? [], host.CapDrop ?? []);
        const allowed = new Set(grantedCapabilities(kept, ["ALL"]).filter((name) => before.includes(name)));
        assert.ok(
          grantedCapabilities(textsAt(after, "CapAdd"), textsAt(after, "CapDrop")).every((name) => allowed.has(name)),
        );
        assert.equal(isTrueAt(after, "Privileged"), false);
        for (const [key, limitOf] of [
          ["PidsLimit", most],
          ["Memory", most * 2 ** 20],
          ["MemorySwap", most * 2 ** 20],
        ] as const)
          assert.ok(integerAt(after, key) > 0 && integerAt(after, key) <= limitOf, `${key} ${integerAt(after, key)}`);
        const options = textsAt(after, "SecurityOpt");
        assert.deepEqual(options.filter((option) => /^(?:seccomp|no-new)/.test(option)).sort(), [
          "no-new-privileges",
          'seccomp={"defaultAction":"x"}',
        ]);
        // Hardening what is hardened changes nothing.
        assert.deepEqual(hardened(request, wanted), { request, changes: [] });
      },
    ),
  );
});
