// Rows M1, M2, M7, M8 and M12 to M22 of docs/images.md: what a registry does on the wire.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { isPrivateAddress } from "../../src/base/private-address.ts";
import { mayKnowCredentials, readChallenge } from "../../src/image/registry/challenge.ts";
import type { SourceSettings } from "../../src/image/source.ts";
import { type ImageRegistry, type Misbehaviour, startImageRegistry } from "../support/image-registry.ts";
import { makeBlob, makeOciImage, scratch, settingsFor, types } from "../support/oci-image.ts";
import { refusal, seeImage } from "../support/open-image.ts";

const image = makeOciImage();
const [layer] = image.layers;
const layerPath = `/v2/app/blobs/${layer?.digest}`;
const configPath = `/v2/app/blobs/${image.config.digest}`;
const credentials: SourceSettings["credentials"] = () => Promise.resolve({ user: "me", password: "secret" });
const secret = "Basic bWU6c2VjcmV0";

type Context = { readonly after: (work: () => Promise<void>) => void };
type Outcome = { readonly verdict: string; readonly registry: ImageRegistry };

async function pull(
  t: Context,
  misbehave: Misbehaviour,
  more: Partial<SourceSettings> = {},
  reference = "1",
): Promise<Outcome> {
  const folder = await scratch(t);
  const registry = await startImageRegistry(t, image, misbehave);
  const settings = settingsFor(folder, { insecureRegistries: [registry.host], ...more });
  return { verdict: await refusal(`${registry.host}/app:${reference}`, settings), registry };
}

const answers =
  (path: string, status: number, headers: Record<string, string>, body: string | Buffer = ""): Misbehaviour =>
  (request, response) => {
    if (request.url !== path) return false;
    response.writeHead(status, headers).end(body);
    return true;
  };

test("an image is pulled, and each thing is asked for once", async (t) => {
  const { verdict, registry } = await pull(t, () => false);
  const expected = ["/v2/app/manifests/1", configPath, ...image.layers.map(({ digest }) => `/v2/app/blobs/${digest}`)];
  assert.deepEqual([verdict, registry.requests], ["accepted", expected.map((path) => `GET ${path}`)]);
});

test("M1: changed bytes of a config or a layer are refused", async (t) => {
  const config = await pull(t, answers(configPath, 200, {}, Buffer.alloc(image.config.bytes.length, " ")));
  const changed = Buffer.from(layer?.bytes ?? "");
  changed[20] = (changed[20] ?? 0) ^ 1;
  const bytes = await pull(t, answers(layerPath, 200, {}, changed));
  assert.deepEqual([config.verdict, bytes.verdict], ["DIGEST_MISMATCH", "DIGEST_MISMATCH"]);
});

test("M2: more or fewer bytes than the descriptor says are refused", async (t) => {
  const more = await pull(t, answers(configPath, 200, {}, Buffer.concat([image.config.bytes, Buffer.from(" ")])));
  const fewer = await pull(t, answers(layerPath, 200, {}, layer?.bytes.subarray(0, -1)));
  assert.deepEqual([more.verdict, fewer.verdict], ["DIGEST_MISMATCH", "DIGEST_MISMATCH"]);
});

test("M7: what a header says about the digest changes nothing", async (t) => {
  const headers = { "Content-Type": types.manifest, "Docker-Content-Digest": `sha256:${"0".repeat(64)}` };
  const lying = await pull(t, answers("/v2/app/manifests/1", 200, headers, image.manifest.bytes));
  const digest = makeBlob("another").digest;
  const pinned = await pull(
    t,
    answers(`/v2/app/manifests/1@${digest}`, 200, headers, image.manifest.bytes),
    {},
    `1@${digest}`,
  );
  assert.deepEqual([lying.verdict, pinned.verdict], ["accepted", "NOT_FOUND"]);
});

test("M7: a manifest that is not the one that was asked for by digest is refused", async (t) => {
  const folder = await scratch(t);
  const digest = makeBlob("another").digest;
  const misbehave = answers(
    `/v2/app/manifests/${digest}`,
    200,
    { "Content-Type": types.manifest },
    image.manifest.bytes,
  );
  const { host } = await startImageRegistry(t, image, misbehave);
  const settings = settingsFor(folder, { insecureRegistries: [host] });
  assert.deepEqual(
    [await refusal(`${host}/app@${digest}`, settings), await refusal(`${host}/app:1@${digest}`, settings)],
    ["DIGEST_MISMATCH", "DIGEST_MISMATCH"],
  );
});

test("M13: nobody is followed to another scheme, a private address, or for ever", async (t) => {
  const to = async (location: string): Promise<string> =>
    (await pull(t, answers(layerPath, 307, { Location: location }))).verdict;
  const places = [
    "http://example.com/blob",
    "https://127.0.0.1:1/blob",
    "https://[::1]/blob",
    "https://[::ffff:10.0.0.1]/blob",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost:1/blob",
    "file:///etc/passwd",
    "https://user:password@example.com/blob",
    "https://",
    layerPath,
  ];
  const verdicts = await Promise.all(places.map(to));
  assert.deepEqual(
    verdicts,
    places.map(() => "REGISTRY_REFUSED"),
  );
});

test("M13: credentials stay with the registry when it sends us on", async (t) => {
  const other = await startImageRegistry(t, image);
  const misbehave: Misbehaviour = (request, response) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="x"' }).end();
    else if (request.url === layerPath) response.writeHead(302, { Location: `http://${other.host}${layerPath}` }).end();
    else return false;
    return true;
  };
  const { verdict, registry } = await pull(t, misbehave, { credentials });
  assert.deepEqual(
    [verdict, other.requests, registry.requests.at(-1)],
    ["REGISTRY_REFUSED", [], `GET ${layerPath} (${secret})`],
  );
});

test("a registry's own token server gets the credentials, and its token opens the image", async (t) => {
  const misbehave: Misbehaviour = (request, response) => {
    if (request.url?.startsWith("/token?")) response.end(JSON.stringify({ token: "t0ken" }));
    else if (request.headers.authorization !== "Bearer t0ken") {
      const realm = `http://${request.headers.host}/token`;
      response
        .writeHead(401, {
          "WWW-Authenticate": `Bearer realm="${realm}",service="registry",scope="repository:app:pull,push"`,
        })
        .end();
    } else return false;
    return true;
  };
  const { verdict, registry } = await pull(t, misbehave, { credentials });
  assert.deepEqual(
    [verdict, registry.requests.slice(0, 3)],
    [
      "accepted",
      [
        "GET /v2/app/manifests/1",
        `GET /token?service=registry&scope=repository%3Aapp%3Apull (${secret})`,
        "GET /v2/app/manifests/1 (Bearer t0ken)",
      ],
    ],
  );
});

test("M14: a token server elsewhere gets no credentials, and none at a private address is asked at all", async (t) => {
  const thief = await startImageRegistry(t, image);
  const { verdict } = await pull(
    t,
    answers("/v2/app/manifests/1", 401, { "WWW-Authenticate": `Bearer realm="http://${thief.host}/token"` }),
    { credentials },
  );
  assert.deepEqual(
    [
      verdict,
      thief.requests,
      mayKnowCredentials("registry-1.docker.io", "auth.docker.io"),
      mayKnowCredentials("registry-1.docker.io", "auth.docker.io.evil.example"),
      mayKnowCredentials("registry.example", "registry.example:444"),
      mayKnowCredentials("toString", "undefined"),
    ],
    ["REGISTRY_REFUSED", [], true, false, false, false],
  );
});

test("M14: a challenge that can be read in two ways is none", () => {
  assert.deepEqual(
    [
      readChallenge('Bearer realm="https://a/t",service="s"'),
      readChallenge('Bearer realm="https://a/t",realm="https://b/t"'),
      readChallenge('Bearer realm="https://a/t\\"x"'),
      readChallenge('Bearer service="s"'),
      readChallenge("Digest realm=x"),
      readChallenge("Basic"),
      readChallenge(""),
    ],
    [
      { kind: "bearer", realm: "https://a/t", service: "s" },
      undefined,
      undefined,
      undefined,
      undefined,
      { kind: "basic" },
      undefined,
    ],
  );
});

test("M15: without TLS nobody is spoken to who is not listed", async (t) => {
  const { verdict, registry } = await pull(t, () => false, { insecureRegistries: [] });
  assert.deepEqual([verdict, registry.requests], ["REGISTRY_UNREACHABLE", []]);
});

test("M21: one that keeps us waiting is left, before its answer and within it", async (t) => {
  const limits = { ...settingsFor("").limits, idleTimeoutMs: 200 };
  const silent = await pull(t, () => true, { limits });
  const stalled: Misbehaviour = (request, response) => {
    if (request.url !== layerPath) return false;
    response.writeHead(200, { "Content-Length": layer?.bytes.length ?? 0 });
    response.write(layer?.bytes.subarray(0, 10));
    return true;
  };
  const slow = await pull(t, stalled, { limits });
  assert.deepEqual([silent.verdict, slow.verdict], ["LIMIT_EXCEEDED", "LIMIT_EXCEEDED"]);
});

test("M21: one byte now and then does not last longer than the time in all", async (t) => {
  const limits = { ...settingsFor("").limits, idleTimeoutMs: 400, timeoutMs: 700 };
  const drip: Misbehaviour = (request, response) => {
    if (request.url !== configPath) return false;
    response.writeHead(200);
    const timer = setInterval(() => response.write(" "), 100);
    response.on("close", () => clearInterval(timer));
    return true;
  };
  assert.equal((await pull(t, drip, { limits })).verdict, "LIMIT_EXCEEDED");
});

test("M21: what gives up waiting stops at once", async (t) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 100);
  assert.equal((await pull(t, () => true, { signal: stop.signal })).verdict, "LIMIT_EXCEEDED");
});

test("an answer that was compressed on its way is refused", async (t) => {
  assert.equal((await pull(t, answers(configPath, 200, { "Content-Encoding": "gzip" }))).verdict, "REGISTRY_REFUSED");
});

test("a layer whose connection broke is read on from there", async (t) => {
  const bytes = layer?.bytes ?? Buffer.alloc(0);
  let broken = 0;
  const breaks: Misbehaviour = (request, response) => {
    if (request.url !== layerPath || broken > 0) return false;
    broken += 1;
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 50), () => response.destroy());
    return true;
  };
  const { verdict, registry } = await pull(t, breaks);
  const ranges = registry.headers.map(({ range }) => range).filter((range) => range !== undefined);
  assert.deepEqual([verdict, broken, ranges], ["accepted", 1, ["bytes=50-"]]);
});

test("a registry that is busy is asked again, three times", async (t) => {
  const busy: Misbehaviour = (_, response, count) => {
    if (count > 2) return false;
    response.writeHead(503).end();
    return true;
  };
  const passing = await pull(t, busy);
  const lasting = await pull(t, answers("/v2/app/manifests/1", 503, {}));
  assert.deepEqual(
    [passing.verdict, lasting.verdict, lasting.registry.requests.length],
    ["accepted", "REGISTRY_REFUSED", 3],
  );
});

test("a mirror is asked first, and the registry when the mirror has nothing", async (t) => {
  const folder = await scratch(t);
  const empty = await startImageRegistry(t, image, answers("/v2/app/manifests/1", 404, {}));
  const full = await startImageRegistry(t, image);
  const origin = await startImageRegistry(t, image);
  const seen = async (mirror: string): Promise<string> => {
    const settings = settingsFor(folder, {
      insecureRegistries: [mirror, origin.host],
      mirrors: { [origin.host]: mirror },
    });
    return (await seeImage(`${origin.host}/app:1`, settings)).description.names.join();
  };
  const names = [await seen(full.host), await seen(empty.host)];
  assert.deepEqual(
    [names, full.requests.length, empty.requests.length, origin.requests.length],
    [[`${origin.host}/app:1`, `${origin.host}/app:1`], 4, 1, 4],
  );
});

test("M22: what is no canonical name is no image, and nobody is asked", async (t) => {
  const folder = await scratch(t);
  const names = [
    "user@host/app:1",
    "https://host/app",
    "h\u00f6st.example/app",
    "host/../app",
    `sha256:${"a".repeat(64)}`,
    "host:port/app",
    "App",
  ];
  const verdicts = await Promise.all(
    names.map((name) =>
      refusal(name, settingsFor(folder)).catch((error: Error) => error.message.replace(name, "NAME")),
    ),
  );
  assert.deepEqual(
    verdicts,
    names.map(() => "no source takes NAME"),
  );
});

test("addresses that are not out in the world are known in every spelling", () => {
  const inside = [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "not an address",
  ];
  const outside = ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "2002:101:101::"];
  assert.deepEqual([inside.filter((one) => !isPrivateAddress(one)), outside.filter(isPrivateAddress)], [[], []]);
});

test("bytes that are no HTTP are an error that is told", async (t) => {
  const folder = await scratch(t);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("\0\0\0", () => socket.destroySoon());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  assert.equal(
    await refusal(`${host}/app:1`, settingsFor(folder, { insecureRegistries: [host] })),
    "REGISTRY_UNREACHABLE",
  );
});
