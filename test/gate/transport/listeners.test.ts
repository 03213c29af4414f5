import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";
import type { Exchange } from "../../../src/gate/exchange.ts";
import { openListener } from "../../../src/gate/open-listener.ts";
import type { PeerConnection } from "../../../src/model/connection.ts";
import { raw, request } from "../../support/http.ts";
import { type Closing, openDoor, passAll, profile, startFakeEngine } from "./support.ts";

type Certificates = { readonly folder: string; readonly read: (name: string) => Buffer };

/** An authority, a server, a client of it, and a client of nobody: made by openssl, as an operator would. */
function makeCertificates(t: Closing): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const make = (name: string, subject: string, more: readonly string[]): void => {
    const out = ["-keyout", `${folder}/${name}.key`, "-out", `${folder}/${name}.pem`, "-subj", subject];
    execFileSync("openssl", ["req", "-x509", ...key, ...out, ...more], { stdio: "ignore" });
  };
  const signed = ["-CA", `${folder}/ca.pem`, "-CAkey", `${folder}/ca.key`];
  make("ca", "/CN=ca", []);
  make("server", "/CN=localhost", [...signed, "-addext", "subjectAltName=IP:127.0.0.1"]);
  make("client", "/CN=alice", [...signed, "-addext", "extendedKeyUsage=clientAuth"]);
  make("stranger", "/CN=mallory", []);
  return { folder, read: (name) => readFileSync(join(folder, name)) };
}

test("TLS callers are named by a certificate of the right authority, and nobody else gets in", async (t) => {
  const { read } = makeCertificates(t);
  const peers: PeerConnection[] = [];
  const engine = await startFakeEngine(t, (_request, response) => response.end("ok"));
  const listener = await openListener(
    { ...profile, transport: "tls" },
    {
      engineSocket: engine.socket,
      port: 0,
      tls: { certificate: read("server.pem"), key: read("server.key"), clientAuthority: read("ca.pem") },
    },
    async (exchange) => {
      peers.push(exchange.peer);
      await exchange.forwardUntouched(async () => undefined);
    },
  );
  t.after(() => listener.close(0));
  const port = Number(listener.address.split(":").at(-1));
  const base = { host: "127.0.0.1", port, ca: read("ca.pem"), path: "/_ping", agent: false } as const;
  const ask = (more: object): Promise<string> =>
    new Promise((resolve) => {
      const asking = httpsRequest({ ...base, ...more }, (reply) =>
        reply.resume().on("end", () => resolve(String(reply.statusCode))),
      );
      asking.on("error", () => resolve("refused"));
      asking.end();
    });
  const alice = { cert: read("client.pem"), key: read("client.key") };
  const answers = [
    await ask(alice),
    await ask({}),
    await ask({ cert: read("stranger.pem"), key: read("stranger.key") }),
    await ask({ ...alice, maxVersion: "TLSv1.2" }),
  ];
  const certificates = peers.map((peer) => peer.transport === "tls" && peer.certificate !== undefined);
  assert.deepEqual(
    [answers, certificates, engine.requests.length],
    [["200", "refused", "refused", "refused"], [true], 1],
  );
});

test("a TLS caller may close its sending half and still gets the rest of a stream", async (t) => {
  const { read } = makeCertificates(t);
  const engineSocket = join(mkdtempSync(join(tmpdir(), "plimsoll-half-")), "engine.sock");
  const engine = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"));
    socket.on("end", () => setTimeout(() => socket.end("late"), 100));
  });
  t.after(() => engine.close());
  await new Promise<void>((resolve) => engine.listen(engineSocket, resolve));
  const listener = await openListener(
    { ...profile, transport: "tls" },
    {
      engineSocket,
      port: 0,
      tls: { certificate: read("server.pem"), key: read("server.key"), clientAuthority: read("ca.pem") },
    },
    async (exchange) => void (await exchange.forwardUntouched(async () => undefined)),
  );
  t.after(() => listener.close(0));
  const port = Number(listener.address.split(":").at(-1));
  const clientOptions = {
    host: "127.0.0.1",
    port,
    ca: read("ca.pem"),
    cert: read("client.pem"),
    key: read("client.key"),
    allowHalfOpen: true,
  };
  const socket = connect(clientOptions);
  const received: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => {
    received.push(bytes);
    if (/\r\n\r\n$/.test(Buffer.concat(received).toString())) socket.end();
  });
  socket.write("POST /containers/x/attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  await new Promise((resolve) => socket.on("end", resolve));
  assert.match(Buffer.concat(received).toString(), /101 UPGRADED.*\r\n\r\nlate$/s);
});

test("a port in use, a bad certificate and a missing path are told apart", async (t) => {
  const { read } = makeCertificates(t);
  const tls = { certificate: read("server.pem"), key: read("server.key"), clientAuthority: read("ca.pem") };
  const base = { engineSocket: "/nowhere.sock" };
  const serve = async (exchange: Exchange): Promise<void> => void (await exchange.refuse(403, "no"));
  const first = await openListener({ ...profile, transport: "tls" }, { ...base, port: 0, tls }, serve);
  t.after(() => first.close(0));
  const port = Number(first.address.split(":").at(-1));
  const codeOf = (opening: Promise<unknown>): Promise<string> =>
    opening.then(
      () => "open",
      (error: { code: string }) => error.code,
    );
  assert.deepEqual(
    [
      await codeOf(openListener({ ...profile, transport: "tls" }, { ...base, port, tls }, serve)),
      await codeOf(
        openListener({ ...profile, transport: "tls" }, { ...base, port: 0, tls: { ...tls, key: "nonsense" } }, serve),
      ),
      await codeOf(openListener({ ...profile, transport: "tls" }, { ...base, port: 0 }, serve)),
      await codeOf(openListener(profile, base, serve)),
      await codeOf(openListener(profile, { ...base, path: "/no/such/folder/x.sock" }, serve)),
    ],
    ["LISTEN_FAILED", "CONFIG_INVALID", "CONFIG_INVALID", "CONFIG_INVALID", "LISTEN_FAILED"],
  );
});

type Question = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

test("as an authorization plugin it says no to what is refused and to bodies that it is not shown", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-plugin-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const listener = await openListener(
    { ...profile, transport: "authz-plugin" },
    { engineSocket: "/nowhere.sock", path: join(folder, "plimsoll.sock") },
    async (exchange) => {
      try {
        const bytes = await exchange.readBody(1000);
        if (Buffer.from(bytes).includes("Privileged")) return void (await exchange.refuse(403, "not privileged"));
        const request = { method: "POST", target: "/x", headers: {}, body: { kind: "bytes", bytes } } as const;
        await exchange.forward(request, { kind: "pass" }, async () => undefined);
      } catch (error) {
        await exchange.refuse(403, String(error));
      }
    },
  );
  t.after(() => listener.close(0));
  const ask = async (question: Question): Promise<unknown> => {
    const body = {
      User: "alice",
      UserAuthNMethod: "TLS",
      RequestMethod: question.method ?? "POST",
      RequestUri: "/v1.41/containers/create",
      RequestHeaders: question.headers ?? {},
      ...(question.body === undefined ? {} : { RequestBody: Buffer.from(question.body).toString("base64") }),
    };
    const { json } = await request(listener.address, "POST", "/AuthZPlugin.AuthZReq", { body });
    return typeof json === "object" && json !== null && "Allow" in json ? json.Allow : "no answer";
  };
  const type = { "Content-Type": "application/json" };
  const allowed = [
    await ask({ headers: { ...type, "Content-Length": "2" }, body: "{}" }),
    await ask({ headers: { "Content-Type": "text/plain", "Content-Length": "0" } }),
    await ask({ method: "GET" }),
    await ask({ headers: { ...type, "Content-Length": "19" }, body: '{"Privileged":true}' }),
    await ask({ headers: { ...type, "Content-Length": "2000000" } }),
    await ask({ headers: type }),
    await ask({ headers: { "Content-Type": "application/x-www-form-urlencoded" } }),
    await ask({ headers: { ...type, "Content-Length": "2000" }, body: "x".repeat(2000) }),
  ];
  const activated = await request(listener.address, "POST", "/Plugin.Activate");
  const broken = await request(listener.address, "POST", "/AuthZPlugin.AuthZReq", { body: "nonsense" });
  assert.deepEqual(
    [allowed, activated.json, broken.status],
    [[true, true, true, false, false, false, false, false], { Implements: ["authz"] }, 500],
  );
});

test("after a refused wish for a stream nothing more is read from the connection", async (t) => {
  const engine = await startFakeEngine(t, (_, response) => response.end("{}"));
  const door = await openDoor(t, engine.socket, async (exchange) => {
    if (exchange.head.target === "/_ping") return await passAll(exchange, async () => undefined);
    await exchange.readBody(100);
    return await exchange.refuse(403, "no");
  });
  const words = (upgrade: string) => `POST /exec/1/start HTTP/1.1\r\nHost: d\r\n${upgrade}Content-Length: 2\r\n\r\n{}`;
  const ping = "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n";
  const options = { idleMs: 500 };
  const upgraded = await raw(door.socket, [words("Connection: Upgrade\r\nUpgrade: tcp\r\n"), ping], options);
  const plain = await raw(door.socket, [words(""), ping], options);
  const shown = [upgraded, plain].map((bytes) => ({
    statuses: bytes.toString("latin1").match(/^HTTP\/1\.1 \d+/gm),
    closes: /^Connection: close/im.test(bytes.toString("latin1")),
  }));
  assert.deepEqual(
    { shown, reached: engine.requests },
    {
      shown: [
        { statuses: ["HTTP/1.1 403"], closes: true },
        { statuses: ["HTTP/1.1 403", "HTTP/1.1 200"], closes: false },
      ],
      reached: ["GET /_ping"],
    },
  );
});
