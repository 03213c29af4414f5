// Random bodies of a container create, and the many ways to write one: other case, other letters that Go folds, escapes,
// another order, strings for lists, nulls that say nothing.

import fc from "fast-check";

export type CreateBody = Readonly<Record<string, unknown>>;

/** How a document is written; each number decides one detail, so that a failure can be replayed. */
export type Spelling = { readonly choices: readonly number[] };

const text = fc.constantFrom("a", "b c", "x=y", "ü", "\u2028", "€", 'a"b\\c', "😀");
const name = fc.constantFrom("a", "b", "app.x/y", "K", "k", "ſ", "__proto__", "1");
const labels = fc.dictionary(name, text, { maxKeys: 3 });

const config = {
  Hostname: fc.constantFrom("h1", "h2"),
  Domainname: fc.constantFrom("d.x", ""),
  User: fc.constantFrom("1000", "root", "1:2"),
  AttachStdin: fc.boolean(),
  AttachStdout: fc.boolean(),
  AttachStderr: fc.boolean(),
  ExposedPorts: fc.constantFrom({ "80/tcp": {} }, { "53/udp": {}, "80": {} }),
  Tty: fc.boolean(),
  OpenStdin: fc.boolean(),
  StdinOnce: fc.boolean(),
  Env: fc.array(fc.constantFrom("A=1", "B=x=y", "C", "D=ü"), { maxLength: 3 }),
  Cmd: fc.constantFrom(["sh"], ["echo", "a b"], "sh", []),
  Entrypoint: fc.constantFrom(["sh", "-c"], "echo", []),
  Healthcheck: fc.constantFrom({ Test: ["CMD", "true"], Interval: 1_000_000_000, Retries: 3 }, { Test: ["NONE"] }),
  ArgsEscaped: fc.boolean(),
  Volumes: fc.constantFrom({ "/v": {} }, {}),
  WorkingDir: fc.constantFrom("/w", "/", ""),
  NetworkDisabled: fc.boolean(),
  OnBuild: fc.constantFrom(["RUN a"], []),
  Labels: labels,
  StopSignal: fc.constantFrom("SIGINT", "15"),
  StopTimeout: fc.integer({ min: 0, max: 1000 }),
  Shell: fc.constantFrom(["sh", "-x"], "ash"),
};

const hostConfig = {
  Binds: fc.constantFrom(["/tmp:/h"], ["vol1:/d:ro", "/tmp:/t:rw"], []),
  LogConfig: fc.constantFrom({ Type: "json-file", Config: { "max-size": "1m" } }, { Type: "none", Config: {} }),
  NetworkMode: fc.constantFrom("none", "host", "default"),
  PortBindings: fc.constantFrom({ "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] }, { "80/tcp": null }),
  RestartPolicy: fc.constantFrom({ Name: "on-failure", MaximumRetryCount: 3 }, { Name: "always" }, { Name: "" }),
  AutoRemove: fc.boolean(),
  CapAdd: fc.constantFrom(["NET_ADMIN"], "SYS_PTRACE", []),
  CapDrop: fc.constantFrom(["ALL"], "CHOWN"),
  CgroupnsMode: fc.constantFrom("private", "host"),
  Dns: fc.constantFrom(["1.1.1.1"], []),
  DnsOptions: fc.constantFrom(["ndots:2"], []),
  DnsSearch: fc.constantFrom(["x.y"], []),
  ExtraHosts: fc.constantFrom(["a:1.2.3.4"]),
  GroupAdd: fc.constantFrom(["1"], ["audio"]),
  IpcMode: fc.constantFrom("private", "none", "shareable", "host"),
  OomScoreAdj: fc.integer({ min: -100, max: 100 }),
  PidMode: fc.constantFrom("", "host"),
  Privileged: fc.boolean(),
  PublishAllPorts: fc.boolean(),
  ReadonlyRootfs: fc.boolean(),
  SecurityOpt: fc.constantFrom(["no-new-privileges"], ["seccomp=unconfined"], []),
  Tmpfs: fc.constantFrom({ "/t": "size=1m" }, { "/t": "" }),
  UTSMode: fc.constantFrom("", "host"),
  ShmSize: fc.integer({ min: 1, max: 2 ** 30 }),
  Sysctls: fc.constantFrom({ "net.ipv4.ip_forward": "1" }, {}),
  CpuShares: fc.integer({ min: 2, max: 1024 }),
  Memory: fc.constantFrom(67108864, 0, 100000000),
  MemorySwappiness: fc.constantFrom(0, 50, -1),
  NanoCpus: fc.constantFrom(0, 500000000),
  CgroupParent: fc.constantFrom("", "/x"),
  Devices: fc.constantFrom([{ PathOnHost: "/dev/null", PathInContainer: "/dev/n", CgroupPermissions: "r" }], []),
  DeviceCgroupRules: fc.constantFrom(["c 1:3 r"], []),
  PidsLimit: fc.constantFrom(0, -1, 50),
  Ulimits: fc.constantFrom([{ Name: "nofile", Soft: 10, Hard: 20 }], []),
  Init: fc.boolean(),
  OomKillDisable: fc.boolean(),
  Mounts: fc.constantFrom(
    [{ Type: "tmpfs", Target: "/m", TmpfsOptions: { SizeBytes: 1024, Mode: 448 } }],
    [
      {
        Type: "volume",
        Source: "vol2",
        Target: "/m2",
        ReadOnly: true,
        VolumeOptions: { NoCopy: true, Labels: { a: "b" } },
      },
    ],
  ),
  MaskedPaths: fc.constantFrom([], ["/proc/kcore"]),
  ReadonlyPaths: fc.constantFrom([], ["/proc/sys"]),
  ContainerIDFile: fc.constantFrom("", "/x"),
  ConsoleSize: fc.constantFrom([0, 0], [10, 20]),
};

/** A body with some of the fields, each with a value that engines take (and a few that they refuse). */
export function createBodies(image: string): fc.Arbitrary<CreateBody> {
  const host = fc.oneof(
    { weight: 6, arbitrary: fc.record(hostConfig, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const networking = fc.constantFrom(null, {}, { EndpointsConfig: { none: {} } }, { EndpointsConfig: {} });
  return fc
    .tuple(fc.record(config, { requiredKeys: [] }), host, networking)
    .map(([fields, HostConfig, NetworkingConfig]) => ({ Image: image, ...fields, HostConfig, NetworkingConfig }));
}

export const spellings: fc.Arbitrary<Spelling> = fc.record({
  choices: fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 80 }),
});

/**
 * The same document in another writing, as Go's decoder reads it.
 * @param isData true for objects whose keys are data (labels, ports): those are left alone
 */
export function spell(body: unknown, spelling: Spelling, isData: (path: readonly string[]) => boolean): string {
  let next = 0;
  const choose = (count: number): number => (spelling.choices[next++ % spelling.choices.length] ?? 0) % count;
  return write(body, [], choose, isData);
}

function write(
  value: unknown,
  path: readonly string[],
  choose: (count: number) => number,
  isData: (path: readonly string[]) => boolean,
): string {
  const space = ["", " ", "\n", "\t"][choose(12)] ?? "";
  if (Array.isArray(value)) {
    return `[${value.map((item) => write(item, [...path, "[]"], choose, isData)).join(`${space},`)}]`;
  }
  if (typeof value !== "object" || value === null) return escaped(JSON.stringify(value), choose);
  const members = Object.entries(value).map(([key, member]) => {
    const spelled = isData(path) ? key : recased(key, choose);
    const written = escaped(JSON.stringify(spelled), choose);
    return `${written}${space}:${write(member, [...path, key], choose, isData)}`;
  });
  return `{${shuffled(members, choose).join(`,${space}`)}}`;
}

const foldable: Readonly<Record<string, string>> = { s: "\u017f", S: "\u017f", k: "\u212a", K: "\u212a" };

function recased(key: string, choose: (count: number) => number): string {
  if (choose(3) > 0) return key;
  return [...key]
    .map((letter) => [letter, letter.toUpperCase(), letter.toLowerCase(), foldable[letter] ?? letter][choose(4)])
    .join("");
}

/** Some characters of a JSON string as \u escapes, in either case. */
function escaped(json: string, choose: (count: number) => number): string {
  if (!json.startsWith('"') || choose(4) > 0) return json;
  return json.replace(/[a-zA-Z]/g, (letter, at: number) => {
    if (json[at - 1] === "\\" || /\\u[0-9a-f]{0,3}$/.test(json.slice(0, at)) || choose(3) > 0) return letter;
    const hex = letter.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${choose(2) === 0 ? hex : hex.toUpperCase()}`;
  });
}

function shuffled<T>(items: readonly T[], choose: (count: number) => number): readonly T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = choose(at + 1);
    const [left, right] = [result[at], result[other]];
    if (left === undefined || right === undefined) continue;
    result[at] = right;
    result[other] = left;
  }
  return result;
}

const dataPaths: ReadonlySet<string> = new Set([
  "Labels",
  "ExposedPorts",
  "Volumes",
  "HostConfig.PortBindings",
  "HostConfig.Tmpfs",
  "HostConfig.Sysctls",
  "HostConfig.LogConfig.Config",
  "HostConfig.Mounts.[].VolumeOptions.Labels",
  "NetworkingConfig.EndpointsConfig",
]);

/** Paths of a create body whose keys are data, not fields. */
export function isDataAt(path: readonly string[]): boolean {
  return dataPaths.has(path.join("."));
}
