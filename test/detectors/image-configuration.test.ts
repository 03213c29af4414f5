// How an image is put together: each attack of the lists C (config) and L28 to L33 (layers), and what clean images have.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { imageConfiguration } from "../../src/findings/detectors/image-configuration.ts";
import { configRules } from "../../src/findings/image-configuration/config-rules.ts";
import { entryRules } from "../../src/findings/image-configuration/entry-rules.ts";
import { readFileCapabilities } from "../../src/findings/image-configuration/file-capabilities.ts";
import { textRules } from "../../src/findings/image-configuration/text-rules.ts";
import type { ImageConfig } from "../../src/model/image.ts";
import { emptyConfig, openDetector, type SeenFile, showFile } from "./support/look-at.ts";

const detector = await openDetector(imageConfiguration);

const ofConfig = (config: Partial<ImageConfig>): readonly string[] =>
  (detector.inspectConfig?.({ ...emptyConfig, ...config }) ?? []).map(({ id, severity }) => `${id} ${severity}`);
const ofEntry = (entry: SeenFile): readonly string[] =>
  showFile(detector, entry).map(({ id, severity }) => `${id} ${severity}`);

/** `vfs_cap_data` version 2: permitted bits, effective. */
function capabilities(...bits: readonly number[]): string {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32LE(0x0200_0001, 0);
  for (const bit of bits)
    bytes.writeUInt32LE((bytes.readUInt32LE(bit < 32 ? 4 : 12) | (1 << (bit % 32))) >>> 0, bit < 32 ? 4 : 12);
  return bytes.toString("latin1");
}

const attacksOnConfig: readonly (readonly [what: string, config: Partial<ImageConfig>, expected: readonly string[]])[] =
  [
    ["no user", { user: "" }, ["runs-as-root medium"]],
    ["user 0 with a group", { user: "0:1000" }, ["runs-as-root medium"]],
    ["user root", { user: "root" }, ["runs-as-root medium"]],
    ["user 00", { user: "00" }, ["runs-as-root medium"]],
    ["C2 user 4294967296", { user: "4294967296" }, ["user-out-of-range high"]],
    ["C2 user 2147483648 in the group", { user: "1:2147483648" }, ["user-out-of-range high"]],
    ["C2 negative user", { user: "-1" }, ["user-out-of-range high"]],
    ["a user with a slash", { user: "../x" }, ["user-malformed medium"]],
    [
      "C3 working directory in a file descriptor",
      { workingDirectory: "/proc/self/fd/8" },
      ["working-directory critical"],
    ],
    ["C3 working directory with ..", { workingDirectory: "/a/../proc" }, ["working-directory critical"]],
    ["C3 working directory that is relative", { workingDirectory: "a" }, ["working-directory critical"]],
    [
      "C4 volumes",
      { volumes: ["/", "/data", "/proc/x", "/etc", "a/../b", "/var/run/docker.sock"] },
      Array(5).fill("volume-path high"),
    ],
    ["C5 triggers", { onBuild: ["RUN curl x | sh"] }, ["onbuild-trigger low"]],
    ["C1 preload", { env: ["LD_PRELOAD=/tmp/x.so"] }, ["loader-environment high"]],
    ["preload of an allocator", { env: ["LD_PRELOAD=/usr/lib/libjemalloc.so.2"] }, ["loader-environment medium"]],
    ["C1 options of node", { env: ["NODE_OPTIONS=--require /tmp/x.js"] }, ["loader-environment medium"]],
    ["C1 path", { env: ["PATH=/usr/bin::/tmp/x:rel"] }, Array(3).fill("search-path high")],
    ["a program in /tmp", { entrypoint: ["/tmp/run"] }, ["entrypoint-path medium"]],
    [
      "C6 labels",
      {
        labels: {
          "com.docker.compose.project": "x",
          "traefik.http.routers.x.rule": "y",
          RUN: "docker run --privileged",
          maintainer: "me",
        },
      },
      Array(3).fill("obeyed-label medium"),
    ],
    ["C12 a label that claims a signature", { labels: { "org.acme.signed-by": "acme" } }, ["claimed-trust low"]],
    ["C7 health check every millisecond", { healthcheckInterval: 1_000_000 }, ["health-check-interval medium"]],
    ["C8 stop signal", { stopSignal: "SIGNOPE" }, ["stop-signal medium"]],
    ["C8 stop signal 65", { stopSignal: "65" }, ["stop-signal medium"]],
    [
      "ports",
      { exposedPorts: ["22/tcp", "2375/tcp", "80/tcp", "22/udp"] },
      ["exposed-login medium", "exposed-control high"],
    ],
    [
      "C10 more history than layers",
      { history: [{ createdBy: "a", created: "", comment: "", isEmptyLayer: false }] },
      ["history-disagrees medium"],
    ],
    [
      "C9 another platform than the index says",
      { indexPlatform: { os: "linux", architecture: "s390x", variant: "" } },
      ["platform-disagrees medium"],
    ],
    ["an escape sequence in a label", { labels: { a: "\u001b[2Jx" } }, ["hidden-text medium"]],
  ];

test("each attack in a config is named", () => {
  assert.deepEqual(
    attacksOnConfig.map(([what, config]) => [what, ofConfig(config)]),
    attacksOnConfig.map(([what, , expected]) => [what, expected]),
  );
});

test("a config as it should be has no findings", () => {
  const config: Partial<ImageConfig> = {
    user: "app:app",
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/bin", "LANG=C.UTF-8", "NODE_OPTIONS=--max-old-space-size=512"],
    entrypoint: ["/usr/local/bin/app"],
    workingDirectory: "/srv/app",
    labels: { "org.opencontainers.image.source": "https://git.acme.test/app", description: "größer\nals" },
    volumes: ["/var/lib/app", "/etc/app"],
    exposedPorts: ["8080/tcp"],
    stopSignal: "SIGRTMIN+3",
    healthcheckInterval: 30_000_000_000,
    diffIds: ["sha256:0"],
    history: [
      { createdBy: "ADD", created: "", comment: "", isEmptyLayer: false },
      { createdBy: "CMD", created: "", comment: "", isEmptyLayer: true },
    ],
  };
  assert.deepEqual([ofConfig(config), ofConfig({ user: "1000:1000", stopSignal: "9" })], [[], []]);
});

const attacksOnEntries: readonly (readonly [what: string, entry: SeenFile, expected: readonly string[]])[] = [
  ["L29 a setuid program nobody ships", { path: "usr/bin/x", mode: 0o4755 }, ["setuid-file high"]],
  ["L29 a setuid program of the distribution", { path: "usr/bin/passwd", mode: 0o4755 }, ["setuid-file low"]],
  ["L29 the same in an odd place", { path: "tmp/usr/bin/passwd", mode: 0o4755 }, ["setuid-file high"]],
  [
    "L32 all bits",
    { path: "usr/bin/x", mode: 0o7777 },
    ["setuid-file critical", "setgid-file critical", "world-writable high"],
  ],
  ["L29 setgid", { path: "opt/x", mode: 0o2755 }, ["setgid-file medium"]],
  ["a setgid directory", { path: "var/mail", kind: "directory", mode: 0o2775 }, []],
  ["a file for everybody", { path: "srv/x", mode: 0o666 }, ["world-writable medium"]],
  ["a settings file for everybody", { path: "etc/x.conf", mode: 0o666 }, ["world-writable high"]],
  ["/tmp", { path: "tmp", kind: "directory", mode: 0o1777 }, []],
  ["a symbolic link, which is always 0777", { path: "bin", kind: "symlink", target: "usr/bin", mode: 0o777 }, []],
  ["L28 a disk", { path: "dev/sda", kind: "block-device", device: "8:0" }, ["device-node critical"]],
  ["L28 memory", { path: "x", kind: "character-device", device: "1:1" }, ["device-node critical"]],
  ["L28 a tape", { path: "x", kind: "character-device", device: "9:0" }, ["device-node high"]],
  ["L28 /dev/null", { path: "dev/null", kind: "character-device", device: "1:3" }, ["device-node low"]],
  [
    "L30 a whiteout of overlay itself",
    { path: "etc/shadow", kind: "character-device", device: "0:0" },
    ["device-node critical"],
  ],
  ["L28 a pipe", { path: "x", kind: "fifo" }, ["named-pipe low"]],
  [
    "L30 capabilities as good as root",
    { path: "x", xattrs: { "security.capability": capabilities(21) } },
    ["file-capability high"],
  ],
  [
    "L30 capabilities for low ports",
    { path: "x", xattrs: { "security.capability": capabilities(10) } },
    ["file-capability low"],
  ],
  [
    "L30 capabilities above 31",
    { path: "x", xattrs: { "security.capability": capabilities(39) } },
    ["file-capability high"],
  ],
  [
    "L30 a capability nobody knows",
    { path: "x", xattrs: { "security.capability": capabilities(60) } },
    ["file-capability high"],
  ],
  ["L30 capabilities that are none", { path: "x", xattrs: { "security.capability": "zz" } }, ["file-capability high"]],
  [
    "L30 overlay attributes",
    { path: "x", xattrs: { "trusted.overlay.redirect": "/etc", "user.overlay.opaque": "y" } },
    ["overlay-attribute critical"],
  ],
  ["L30 labels of SELinux", { path: "x", xattrs: { "security.selinux": "unconfined_u" } }, ["security-attribute low"]],
  ["L31 user 2^32-1", { path: "x", uid: 2 ** 32 - 1 }, ["owner-out-of-range high"]],
  ["L31 group 2^31", { path: "x", gid: 2 ** 31 }, ["owner-out-of-range high"]],
  ["L31 a negative user", { path: "x", uid: -2 }, ["owner-out-of-range high"]],
  ["L33 an escape sequence", { path: "a\u001b[31mb" }, ["hidden-name medium"]],
  ["L33 letters reversed", { path: "gpj.\u202eexe" }, ["hidden-name medium"]],
  ["L33 a line break", { path: "a\nb" }, ["hidden-name medium"]],
  ["L33 bytes that are no text", { path: "a\udcffb" }, ["hidden-name medium"]],
  ["L33 a name of 256 bytes", { path: "é".repeat(128) }, ["odd-name medium"]],
  ["L33 a letter and its accent apart", { path: "cafe\u0301" }, ["odd-name low"]],
  ["L33 the same name in one piece", { path: "caf\u00e9" }, []],
  ["L33 names that differ in case", { path: "usr/include/linux/netfilter/xt_DSCP.h" }, []],
  ["L33 a blank at the end", { path: "usr/bin/ls " }, ["odd-name low"]],
  [
    "a link to the engine's socket",
    { path: "x", kind: "symlink", target: "/var/run/docker.sock" },
    ["link-out medium"],
  ],
  ["a link to another process", { path: "x", kind: "symlink", target: "/proc/1/root/etc" }, ["link-out medium"]],
  ["customary links", { path: "etc/mtab", kind: "symlink", target: "/proc/mounts" }, []],
  ["ld.so.preload", { path: "etc/ld.so.preload", content: "/tmp/x.so" }, ["loader-file high"]],
  ["an SSH server", { path: "usr/sbin/sshd" }, ["remote-login medium"]],
  ["sudo", { path: "usr/bin/sudo", mode: 0o4755 }, ["setuid-file low", "becomes-root low"]],
  ["a package manager", { path: "sbin/apk" }, ["package-manager negligible"]],
  ["a shell's history", { path: "root/.bash_history", content: "x" }, ["private-path medium"]],
  ["a repository", { path: "app/.git/config", content: "x" }, ["private-path medium"]],
  ["a public key", { path: "root/.ssh/id_rsa.pub", content: "x" }, []],
  [
    "an account without password",
    { path: "etc/shadow", content: "root::19000::::::\nbin:*:1::::::\n" },
    ["account-without-password critical"],
  ],
  [
    "an account without password in passwd",
    { path: "etc/passwd", content: "root::0:0:root:/root:/bin/sh\n" },
    ["account-without-password critical"],
  ],
  [
    "a second root",
    { path: "etc/passwd", content: "root:x:0:0::/:/bin/sh\ntoor:x:00:0::/:/bin/sh\n" },
    ["second-root high"],
  ],
  [
    "sudo without password",
    { path: "etc/sudoers.d/app", content: "app ALL=(ALL) NOPASSWD: ALL\n# x NOPASSWD: y\n" },
    ["sudo-without-password medium"],
  ],
  [
    "root may log in",
    { path: "etc/ssh/sshd_config", content: "#PermitRootLogin yes\npermitrootlogin yes\nPermitEmptyPasswords no\n" },
    ["ssh-server-settings high"],
  ],
  ["an ordinary file", { path: "usr/bin/env", mode: 0o755, content: "x" }, []],
];

test("each attack in a layer's entries is named", () => {
  assert.deepEqual(
    attacksOnEntries.map(([what, entry]) => [what, ofEntry(entry)]),
    attacksOnEntries.map(([what, , expected]) => [what, expected]),
  );
});

test("every rule has an attack that it catches", () => {
  const caught = new Set(
    [...attacksOnConfig, ...attacksOnEntries].flatMap(([, , expected]) => expected.map((text) => text.split(" ")[0])),
  );
  const rules = [...configRules, ...entryRules, ...textRules].map(({ id }) => id);
  assert.deepEqual(
    rules.filter((id) => !caught.has(id)),
    [],
  );
  assert.equal(new Set(rules).size, rules.length);
});

test("what a finding says never carries control characters of the image", () => {
  const shown = JSON.stringify([
    showFile(detector, { path: "x", kind: "symlink", target: "/proc/\u001b]0;x\u0007\u202e" }).map(
      ({ title }) => title,
    ),
    detector.inspectConfig?.({ ...emptyConfig, user: "\u001b[2J" }).map(({ title }) => title),
  ]);
  assert.deepEqual(/\\u001b|\u202e|\\u0007/.exec(shown.replaceAll("\\\\u{", "{")), null);
});

test("a layer of a million bad names is listed up to a limit, and said so; the next layer starts anew", async () => {
  const own = await openDetector(imageConfiguration);
  const count = (): number =>
    Array.from({ length: 5000 }, (_, at) => showFile(own, { path: `x${at}`, mode: 0o666 }).length).reduce(
      (sum, found) => sum + found,
      0,
    );
  const first = [count(), own.takeProblems?.().length];
  await own.settle?.();
  assert.deepEqual(
    [first, [count(), own.takeProblems?.().length]],
    [
      [200, 1],
      [200, 1],
    ],
  );
});

test("any entry, any attribute and any config is looked at without an error", () => {
  fc.assert(
    fc.property(
      fc.record({
        path: fc.string(),
        kind: fc.constantFrom("file", "directory", "symlink", "character-device", "fifo", "whiteout", "opaque"),
        mode: fc.integer({ min: 0, max: 0o7777 }),
        uid: fc.integer(),
        target: fc.string(),
        device: fc.string(),
        xattrs: fc.dictionary(fc.string(), fc.string()),
      }),
      fc.array(fc.string()),
      fc.uint8Array({ maxLength: 30 }),
      (entry, texts, attribute) => {
        showFile(detector, { ...entry, content: "" });
        readFileCapabilities(Buffer.from(attribute).toString("latin1"));
        detector.inspectConfig?.({
          ...emptyConfig,
          env: texts,
          volumes: texts,
          user: texts[0] ?? "",
          stopSignal: texts[0] ?? "",
          labels: Object.fromEntries(texts.map((text) => [text, text])),
        });
      },
    ),
    { numRuns: 500 },
  );
});
