// The configuration file: every key, every mistake with its line, and what holds without one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { chooseFolders } from "../../src/cli/configuration/folders.ts";
import { readConfiguration } from "../../src/cli/configuration/read-configuration.ts";
import {
  socketProxyEngine,
  socketProxyVariables,
  unreadProxyVariables,
} from "../../src/cli/configuration/socket-proxy.ts";

function fileWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-configuration-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "plimsoll.yaml");
  writeFileSync(file, text);
  return file;
}

function read(t: TestContext, text: string) {
  return readConfiguration({ file: fileWith(t, text), environment: {}, isRoot: true });
}

/** The first line, without the folder. */
function mistake(t: TestContext, text: string): string {
  try {
    read(t, text);
    return "no mistake found";
  } catch (thrown) {
    assert.ok(thrown instanceof PlimsollError && thrown.code === "CONFIG_INVALID", String(thrown));
    return `${thrown.message.replace(/^.*plimsoll\.yaml/, "plimsoll.yaml")} | ${thrown.hint}`;
  }
}

test("without a file one unix socket is guarded by baseline, in the folders of its user", () => {
  const configuration = readConfiguration({
    environment: { XDG_RUNTIME_DIR: "/run/user/7", HOME: "/home/a" },
    isRoot: false,
  });
  const [listener] = configuration.listeners;
  assert.deepEqual(
    { ...configuration, listeners: configuration.listeners.length },
    {
      file: "",
      engine: { kind: "auto" },
      userNamespaces: false,
      stateFolder: "/home/a/.local/state/plimsoll",
      runtimeFolder: "/run/user/7/plimsoll",
      listeners: 1,
      audit: { keepDays: 90, maxBytes: 4 * 2 ** 30, onFull: "refuse" },
      limits: { bodyBytes: 4 * 2 ** 20, connections: 16_384 },
      admission: {
        ...{ enabled: "auto", waitMs: 60_000, databasePath: "", clamdSocket: "", trustFile: "" },
        ...{ ruleFiles: [], ignoreFiles: [], vexFiles: [], insecureRegistries: [] },
      },
      profiles: { folder: "/home/a/.config/plimsoll/profiles", isRequired: false },
      watch: {
        ...{ enabled: "auto", required: false, unknown: "detect", ruleset: "standard" },
        ...{ rules: [], outputs: [], nameServers: [], evidenceMaxBytes: 256 * 2 ** 20 },
        malware: { enabled: "auto", maxFileBytes: 256 * 2 ** 20, timeoutMs: 10_000 },
      },
      socketProxy: {},
    },
  );
  assert.deepEqual(
    [
      listener?.name,
      listener?.endpoint.transport === "unix" && listener.endpoint.path,
      listener?.mode,
      listener?.policies,
    ],
    ["docker", "/run/user/7/plimsoll/docker.sock", "auto", ["baseline"]],
  );
});

test("every key is read", (t) => {
  const text = `
engine: unix:///run/docker.sock
userNamespaces: true
state: /srv/state
runtime: /srv/run
listeners:
  - name: local
    unix: /srv/run/docker.sock
    fd: docker
    fileMode: "0600"
    group: root
    mode: warn
    policies: [restricted, /etc/plimsoll/own.cedar]
    unknownFields: drop
    identity: [unix-peer]
    owner: team:web
  - name: remote
    tls: "[::1]:2376"
    cert: /a.pem
    key: /a.key
    ca: /ca.pem
    pins: [${"a".repeat(64)}]
  - name: lock
    authz-plugin: /run/docker/plugins/plimsoll.sock
audit: { keepDays: 0, maxBytes: 512 MiB, onFull: serve }
metrics: { listen: "127.0.0.1:9323" }
limits: { bodyBytes: 1 MiB, connections: 100 }
admission:
  enabled: "no"
  waitMs: 5000
  databasePath: /srv/advisories.db
  ruleFiles: [/srv/own.yar]
  ignoreFiles: [/srv/ignore.yaml]
  vexFiles: [/srv/a.vex.json]
  clamdSocket: /run/clamd.ctl
  insecureRegistries: ["127.0.0.1:5000"]
profiles: /srv/profiles
watch:
  enabled: auto
  required: true
  unknown: block
  ruleset: all
  rules: [/srv/rules]
  outputs:
    - { kind: syslog, to: "tcp://10.0.0.1:601" }
    - { kind: webhook, to: "https://soc.example/alerts", secretFile: /srv/secret }
  nameServers: [10.0.0.53, "[2001:db8::53]:5353"]
  evidenceMaxBytes: 16 MiB
  malware: { enabled: no, maxFileBytes: 8 MiB, timeoutMs: 500 }
`;
  const { file, listeners, ...rest } = read(t, text);
  assert.ok(file.endsWith("plimsoll.yaml"));
  assert.deepEqual(rest, {
    engine: { kind: "socket", path: "/run/docker.sock" },
    userNamespaces: true,
    stateFolder: "/srv/state",
    runtimeFolder: "/srv/run",
    audit: { keepDays: 0, maxBytes: 512 * 2 ** 20, onFull: "serve" },
    metrics: { host: "127.0.0.1", port: 9323 },
    limits: { bodyBytes: 2 ** 20, connections: 100 },
    admission: {
      enabled: "no",
      waitMs: 5000,
      databasePath: "/srv/advisories.db",
      ruleFiles: ["/srv/own.yar"],
      ignoreFiles: ["/srv/ignore.yaml"],
      vexFiles: ["/srv/a.vex.json"],
      clamdSocket: "/run/clamd.ctl",
      insecureRegistries: ["127.0.0.1:5000"],
      trustFile: "",
    },
    profiles: { folder: "/srv/profiles", isRequired: true },
    watch: {
      ...{ enabled: "auto", required: true, unknown: "block", ruleset: "all", rules: ["/srv/rules"] },
      outputs: [
        { kind: "syslog", to: "tcp://10.0.0.1:601", secretFile: "" },
        { kind: "webhook", to: "https://soc.example/alerts", secretFile: "/srv/secret" },
      ],
      nameServers: ["10.0.0.53", "[2001:db8::53]:5353"],
      evidenceMaxBytes: 16 * 2 ** 20,
      malware: { enabled: "no", maxFileBytes: 8 * 2 ** 20, timeoutMs: 500 },
    },
    socketProxy: {},
  });
  assert.deepEqual(listeners, [
    {
      name: "local",
      endpoint: { transport: "unix", path: "/srv/run/docker.sock", fileMode: 0o600, gid: 0 },
      fdName: "docker",
      mode: "warn",
      policies: ["restricted", "/etc/plimsoll/own.cedar"],
      unknownFields: "drop",
      identity: ["unix-peer"],
      owner: "team:web",
      pins: [],
    },
    {
      name: "remote",
      endpoint: {
        transport: "tls",
        address: { host: "::1", port: 2376 },
        certificateFile: "/a.pem",
        keyFile: "/a.key",
        clientAuthorityFile: "/ca.pem",
      },
      fdName: "remote",
      mode: "auto",
      policies: ["baseline"],
      unknownFields: "refuse",
      identity: ["mtls"],
      pins: ["a".repeat(64)],
    },
    {
      name: "lock",
      endpoint: { transport: "authz-plugin", path: "/run/docker/plugins/plimsoll.sock", fileMode: 0o660 },
      fdName: "lock",
      mode: "auto",
      policies: ["baseline"],
      unknownFields: "refuse",
      identity: ["engine-report"],
      pins: [],
    },
  ]);
});

test("a file with comments only is no file", (t) => {
  assert.equal(read(t, "# nothing yet\n").engine.kind, "auto");
  assert.equal(read(t, "").engine.kind, "auto");
});

test("every mistake names its line, what was expected and what was found", (t) => {
  const listener = (line: string) => `listeners:\n  - name: a\n    unix: /a.sock\n    ${line}\n`;
  const cases: readonly (readonly [string, RegExp])[] = [
    ["engin: auto\n", /^plimsoll\.yaml:1: unknown key "engin" \| write "engine"$/],
    ["# x\n\nfrobnicate: 1\n", /^plimsoll\.yaml:3: unknown key "frobnicate" \| use one of engine, /],
    [listener("mod: warn"), /^plimsoll\.yaml:4: unknown key "mod" in listeners\[0\] \| write "mode"$/],
    [
      listener("mode: enforced"),
      /^plimsoll\.yaml:4: listeners\[0\]\.mode: expected .*found "enforced" \| write "enforce"$/,
    ],
    [listener("fileMode: 0660"), /:4: listeners\[0\]\.fileMode: expected a text, found 660/],
    [listener('fileMode: "660"'), /permission bits in quotes/],
    [listener('fileMode: "0999"'), /permission bits in quotes/],
    [listener("group: no-such-group"), /:4: listeners\[0\]\.group: expected a group of this host/],
    [listener("policies: baseline"), /:4: listeners\[0\]\.policies: expected a list/],
    [listener("policies: [1]"), /:4: listeners\[0\]\.policies\[0\]: expected a text, found 1/],
    [listener("cert: /a"), /expected no cert here: only with tls/],
    [listener("tls: 127.0.0.1:1"), /expected exactly one of unix, tls, authz-plugin/],
    [listener("owner: ''"), /expected a text/],
    ["listeners: []\n", /:1: listeners: expected at least one listener/],
    ["listeners:\n  - unix: /a\n", /:2: listeners\[0\]: expected a listener with a name/],
    ["listeners:\n  - name: A B\n    unix: /a\n", /expected a name of lower-case letters/],
    ["listeners:\n  - name: a\n    unix: relative.sock\n", /:3: listeners\[0\]\.unix: expected an absolute path/],
    [`listeners:\n  - name: a\n    unix: /${"x".repeat(107)}\n`, /at most 107 bytes/],
    [
      "listeners:\n  - {name: a, unix: /a}\n  - {name: a, unix: /b}\n",
      /:2: listeners: expected listeners with different names/,
    ],
    ["listeners:\n  - {name: a, tls: 'host:99999', cert: /a, key: /a, ca: /a}\n", /an address and a port/],
    ["listeners:\n  - {name: a, tls: '1.1.1.1:1', cert: /a, key: /a}\n", /expected a listener with ca/],
    [
      "listeners:\n  - {name: a, tls: '1.1.1.1:1', cert: /a, key: /a, ca: /a, pins: [AB]}\n",
      /64 lower-case hex digits/,
    ],
    ["engine: docker\n", /:1: engine: expected auto, managed or unix:/],
    ["audit: { keepDays: -1 }\n", /expected a whole number from 0/],
    ["audit: { maxBytes: lots }\n", /expected a size such as 512 MiB/],
    ["limits: { bodyBytes: 1 GiB }\n", /from 1 kiB to 4 MiB/],
    ["engine: auto\nengine: managed\n", /^plimsoll\.yaml:2: .*unique/],
    ["engine: [auto\n", /^plimsoll\.yaml:\d: /],
    ["- engine\n", /:1: expected a map of keys, found a list/],
    ["engine: *nowhere\n", /^plimsoll\.yaml:1: /],
    ["engine: !!binary x\n", /^plimsoll\.yaml:1: /],
    ["a: &a [x]\nengine: *a\n", /^plimsoll\.yaml:1: unknown key "a"/],
  ];
  for (const [text, expected] of cases) assert.match(mistake(t, text), expected, text);
});

test("a file that was named has to be there", () => {
  const source = { file: "/nowhere/plimsoll.yaml", environment: {}, isRoot: true };
  assert.throws(() => readConfiguration(source), { code: "CONFIG_INVALID", message: /\/nowhere\/plimsoll\.yaml/ });
});

test("folders are systemd's when it names them, else the system's or the user's", () => {
  const environment = {
    CONFIGURATION_DIRECTORY: "/etc/x",
    STATE_DIRECTORY: "/var/a:/var/b",
    RUNTIME_DIRECTORY: "/run/x",
  };
  assert.deepEqual(
    [
      chooseFolders(environment, true),
      chooseFolders({}, true),
      chooseFolders({ HOME: "/h", XDG_CONFIG_HOME: "relative", XDG_STATE_HOME: "/s" }, false),
    ],
    [
      { configuration: "/etc/x", state: "/var/a", runtime: "/run/x" },
      { configuration: "/etc/plimsoll", state: "/var/lib/plimsoll", runtime: "/run/plimsoll" },
      { configuration: "/h/.config/plimsoll", state: "/s/plimsoll", runtime: "/h/.cache/run/plimsoll" },
    ],
  );
});

test("the variables of socket proxies are noticed, a shell's own are not", () => {
  assert.deepEqual(
    [
      socketProxyVariables({ CONTAINERS: "1", POST: "0", VERSION: "12.4", EXEC: "yes", HOME: "/" }),
      socketProxyVariables({ VERSION: "1", INFO: "1", PING: "1" }),
      socketProxyVariables({}),
    ],
    [{ CONTAINERS: "1", POST: "0" }, {}, {}],
  );
});

test("a variable of a socket proxy that is not read is told, and so is a value that is none", () => {
  const proxy = { CONTAINERS: "1", POST: "0" };
  assert.deepEqual(
    [
      unreadProxyVariables(proxy),
      unreadProxyVariables({ ...proxy, ALLOW_DELETE: "1", CONTAINERS_CREATE: "1", LOG_LEVEL: "info", ALLOW_ME: "yes" }),
      unreadProxyVariables({ ...proxy, IMAGES: "true", SOCKET_PATH: "tcp://1.2.3.4", BIND_CONFIG: ":2375", HOME: "/" }),
      // Beside no proxy these belong to something else; wollomatic's names belong to nothing else.
      unreadProxyVariables({ ALLOW_DELETE: "1", LOG_LEVEL: "info", SP_ALLOW_GET: "/v1.*", SP_REGION: "eu" }),
    ],
    [
      [],
      ["ALLOW_DELETE", "CONTAINERS_CREATE", "LOG_LEVEL"],
      ["BIND_CONFIG", "IMAGES", "SOCKET_PATH"],
      ["SP_ALLOW_GET"],
    ],
  );
});

test("a socket proxy's engine is the engine, where nothing else names one", (t) => {
  const environment = { CONTAINERS: "1", SOCKET_PATH: "/run/other.sock" };
  const file = fileWith(t, "state: /var/lib/x\n");
  assert.deepEqual(
    [
      socketProxyEngine(environment),
      socketProxyEngine({ ...environment, DOCKER_HOST: "unix:///run/docker.sock" }),
      socketProxyEngine({ SOCKET_PATH: "/run/other.sock" }),
      socketProxyEngine({ CONTAINERS: "1", SOCKET_PATH: "other.sock" }),
      readConfiguration({ file, environment, isRoot: true }).engine,
    ],
    ["/run/other.sock", undefined, undefined, undefined, { kind: "auto" }],
  );
});
