// Rows C01 to C30 of the catalogue and their kin: every way to write a body that some reader takes for another one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { understand, verdict } from "../support/understand.ts";

const create = "/v1.41/containers/create";

function sent(body: string | Uint8Array, unknownFields: "refuse" | "drop" = "refuse"): string {
  const result = understand({ method: "POST", target: create, body, unknownFields });
  return "refused" in result ? result.refused : result.body;
}

const bodies: readonly (readonly [row: string, body: string | Uint8Array, expected: string])[] = [
  ["C01 binds", '{"Image":"a","HostConfig":{"Binds":["/:/h"]}}', '{"Image":"a","HostConfig":{"Binds":["/:/h"]}}'],
  [
    "C02 a bind mount",
    '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}}',
    '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]}}',
  ],
  [
    "C03 lower case",
    '{"image":"a","cmd":["x"],"hostconfig":{"binds":["/:/h"]}}',
    '{"Image":"a","Cmd":["x"],"HostConfig":{"Binds":["/:/h"]}}',
  ],
  ["C04 the long s", '{"Ho\u017ftConfig":{"Bind\u017f":["/:/h"]}}', '{"HostConfig":{"Binds":["/:/h"]}}'],
  ["C05 the Kelvin sign", '{"HostConfig":{"Networ\u212aMode":"host"}}', '{"HostConfig":{"NetworkMode":"host"}}'],
  ["C06 binds at the top level", '{"Image":"a","Binds":["/:/h"]}', "request/unknown-field"],
  ["H02 privileged at the top level", '{"Image":"a","Privileged":true}', "request/unknown-field"],
  ["H02 and HostConfig null", '{"Image":"a","Privileged":true,"HostConfig":null}', "request/unknown-field"],
  ["C08 and HostConfig empty", '{"Image":"a","Privileged":true,"HostConfig":{}}', "request/unknown-field"],
  ["H03 a key twice by case", '{"HostConfig":{"Privileged":false,"privileged":true}}', "request/duplicate-key"],
  ["C09 HostConfig twice", '{"HostConfig":{"Binds":["/:/h"]},"HostConfig":{}}', "request/duplicate-key"],
  [
    "C10 HostConfig twice by case",
    '{"HostConfig":{"Binds":[]},"hostconfig":{"Memory":8000000}}',
    "request/duplicate-key",
  ],
  [
    "a field whose writing changed between versions",
    '{"HostConfig":{"NanoCPUs":1,"NanoCpus":2}}',
    "request/duplicate-key",
  ],
  ["C12 HostConfig and then null", '{"HostConfig":{"Privileged":true},"HostConfig":null}', "request/duplicate-key"],
  ["C12 by case", '{"HostConfig":{"Privileged":true},"hostconfig":null}', "request/duplicate-key"],
  ["C14 binds twice by case", '{"HostConfig":{"Binds":["/:/h"],"binds":[]}}', "request/duplicate-key"],
  [
    "C15 mounts twice by case",
    '{"HostConfig":{"Mounts":[{"Type":"bind","Source":"/"}],"mounts":[{"Target":"/h"}]}}',
    "request/duplicate-key",
  ],
  ["C16 an escaped letter", '{"\\u0048ostConfig":{"Privileged":true}}', '{"HostConfig":{"Privileged":true}}'],
  ["C17 a second document", '{"Image":"a"} {"Image":"x"}', "request/malformed-json"],
  ["C18 garbage at the end", '{"Image":"a"} garbage', "request/malformed-json"],
  ["C26 invalid UTF-8 in a label", Buffer.from('{"Labels":{"a":"\xff"}}', "latin1"), "request/malformed-json"],
  ["C27 a byte order mark", '\ufeff{"Image":"a"}', "request/malformed-json"],
  [
    "C28 2 MiB of padding are read to the end",
    `{"Labels":{"a":"${"x".repeat(2 ** 21)}"},"Binds":["/:/h"]}`,
    "request/unknown-field",
  ],
  [
    "C29 integers keep every digit",
    '{"HostConfig":{"Memory":9007199254740993}}',
    '{"HostConfig":{"Memory":9007199254740993}}',
  ],
  ["integers have 64 bits", '{"HostConfig":{"Memory":9223372036854775808}}', "request/wrong-type"],
  ["fractions are no integers", '{"HostConfig":{"Memory":1.5}}', "request/wrong-type"],
  [
    "C30 strings for arrays",
    '{"Entrypoint":"/bin/cat","Cmd":"/h","HostConfig":{"CapAdd":"SYS_ADMIN"}}',
    '{"Entrypoint":["/bin/cat"],"Cmd":["/h"],"HostConfig":{"CapAdd":["SYS_ADMIN"]}}',
  ],
  ["a string where the engine wants an array", '{"HostConfig":{"Binds":"/:/h"}}', "request/wrong-type"],
  ["HostConfig is always there", '{"Image":"a"}', '{"Image":"a","HostConfig":{}}'],
  ["HostConfig null is none", '{"Image":"a","HostConfig":null}', '{"Image":"a","HostConfig":{}}'],
  [
    "H23 an empty list of masked paths stays one, null is none",
    '{"HostConfig":{"MaskedPaths":[],"ReadonlyPaths":null}}',
    '{"HostConfig":{"MaskedPaths":[]}}',
  ],
  ["null in an array", '{"HostConfig":{"Mounts":[null]}}', "request/wrong-type"],
  [
    "null in a map stays",
    '{"HostConfig":{"PortBindings":{"80/tcp":null}}}',
    '{"HostConfig":{"PortBindings":{"80/tcp":null}}}',
  ],
  ["keys of maps are data", '{"Labels":{"A":"1","a":"2"}}', '{"Labels":{"A":"1","a":"2"},"HostConfig":{}}'],
  ["a key of a map twice", '{"Labels":{"a":"1","\\u0061":"2"}}', "request/duplicate-key"],
  ["__proto__ is unknown", '{"__proto__":{"Image":"a"}}', "request/unknown-field"],
  ["__proto__ is a label", '{"Labels":{"__proto__":"a"}}', '{"Labels":{"__proto__":"a"},"HostConfig":{}}'],
  ["what says nothing is dropped", '{"VolumesFrom":[],"Dns":null,"Memory":0,"Privileged":false}', '{"HostConfig":{}}'],
  ["an unknown key inside", '{"HostConfig":{"Evil":1}}', "request/unknown-field"],
  ["no object", '["Image"]', "request/wrong-type"],
  ["nothing", "", "request/body"],
  ["65 levels", `{"Labels":${'{"a":'.repeat(64)}1${"}".repeat(65)}`, "request/json-limit"],
  [
    "fields that only the Go types name",
    '{"HostConfig":{"ContainerIDFile":"/x"}}',
    '{"HostConfig":{"ContainerIDFile":"/x"}}',
  ],
  [
    "V02 a volume driver inside a mount",
    '{"hostconfig":{"mounts":[{"type":"volume","volumeoptions":{"driverconfig":{"name":"local","options":{"O":"bind"}}}}]}}',
    '{"HostConfig":{"Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"O":"bind"}}}}]}}',
  ],
];

for (const [row, body, expected] of bodies) {
  test(row, () => assert.equal(sent(body), expected));
}

test("C13, C19 volumes: keys of driver options cannot stand in two maps, a second volume cannot follow the first", () => {
  const volume = (body: string): string => verdict({ method: "POST", target: "/volumes/create", body });
  assert.deepEqual(
    [
      volume('{"Name":"v","DriverOpts":{"type":"none"},"driveropts":{"o":"bind","device":"/"}}'),
      volume('{"Name":"a"}{"Name":"b"}'),
      volume('{"name":"a","driveropts":{"O":"bind"}}'),
    ],
    [
      "400 request/duplicate-key",
      "400 request/malformed-json",
      'POST /v1.41/volumes/create {"Name":"a","DriverOpts":{"O":"bind"}}',
    ],
  );
});

test("a listener in compat mode drops what it does not know, and still refuses what is ambiguous", () => {
  assert.deepEqual(
    [
      sent('{"Image":"a","Privileged":true,"Binds":["/:/h"],"HostConfig":{"Evil":1}}', "drop"),
      sent('{"HostConfig":{},"hostConfig":{}}', "drop"),
    ],
    ['{"Image":"a","HostConfig":{}}', "request/duplicate-key"],
  );
});

const start = "/v1.20/containers/a/start";

test("O01 a start has no body, whatever the version and the mode", () => {
  assert.deepEqual(
    [
      verdict({ method: "POST", target: start, body: '{"Binds":["/:/h"]}' }),
      verdict({ method: "POST", target: start, body: '{"Binds":["/:/h"]}', unknownFields: "drop" }),
      verdict({ method: "POST", target: start, body: "x", headers: ["Transfer-Encoding", "chunked"] }),
      verdict({ method: "POST", target: start, body: "{}" }),
      verdict({ method: "POST", target: start, body: "null" }),
      verdict({ method: "POST", target: start, body: "" }),
      verdict({ method: "POST", target: start, headers: ["Content-Length", "0", "Content-Type", "text/plain"] }),
    ],
    [
      "400 request/body",
      "400 request/body",
      "400 request/malformed-json",
      "POST /v1.24/containers/a/start",
      "POST /v1.24/containers/a/start",
      "POST /v1.24/containers/a/start",
      "POST /v1.24/containers/a/start",
    ],
  );
});

test("bodies that are arrays stay arrays", () => {
  assert.deepEqual(
    [
      verdict({ method: "POST", target: "/plugins/a/b:c/set", body: '["A=1"]' }),
      verdict({ method: "POST", target: "/plugins/pull?remote=a", body: '[{"name":"network","Value":["host"]}]' }),
      verdict({ method: "POST", target: "/plugins/a/set", body: "{}" }),
    ],
    [
      'POST /v1.41/plugins/a/b:c/set ["A=1"]',
      'POST /v1.41/plugins/pull?remote=a [{"Name":"network","Value":["host"]}]',
      "400 request/wrong-type",
    ],
  );
});

test("what clients are known to send is understood", () => {
  const rows: readonly (readonly [target: string, body: string, expected: string])[] = [
    ["/exec/a/start", '{"hijack":true,"stdin":true,"Detach":false}', '/exec/a/start {"Detach":false}'],
    [
      "/containers/a/exec",
      '{"Container":"a","Cmd":["x"],"Detach":true}',
      '/containers/a/exec {"Cmd":["x"],"Detach":true}',
    ],
    ["/containers/a/stop?t=0", '{"t":0}', "/containers/a/stop?t=0"],
    ["/containers/a/attach?stream=true&hijack=true", '{"stream":true,"hijack":true}', "/containers/a/attach?stream=1"],
    ["/commit?container=a&repo=b", '{"container":"a","repo":"b","message":"c"}', "/commit?container=a&repo=b {}"],
    ["/commit?container=a", '{"Env":["A=1"]}', '/commit?container=a {"Env":["A=1"]}'],
    ["/images/a/push?tag=b", '{"tag":"b"}', "/images/a/push?tag=b {}"],
    [
      "/containers/create?name=a&Image=b&Env=x&Env=y",
      '{"Image":"b","name":"a"}',
      '/containers/create?name=a {"Image":"b","HostConfig":{}}',
    ],
    ["/containers/a/wait", '""', "/containers/a/wait"],
  ];
  assert.deepEqual(
    rows.map(([target, body]) => verdict({ method: "POST", target, body })),
    rows.map(([, , expected]) => `POST /v1.41${expected}`),
  );
});
