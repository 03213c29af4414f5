// Another network, as far away as a test needs it: hosts that are neither this one nor a container, reached by routes. Call
// `enterOwnNetwork` first. It answers HTTP on port 80 with its own address and the path, and takes connections on other ports.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

export type FarNetwork = { close(): void };

const script = `
const http = require("node:http"), net = require("node:net");
const web = http.createServer((request, response) => response.end(request.socket.localAddress.replace("::ffff:", "") + request.url + "\\n"));
web.listen(80, "::", () => {
  for (const port of [443, 3333, 8080]) net.createServer((socket) => { socket.on("error", () => {}); socket.on("data", () => socket.write("{}\\n")); }).listen(port, "::");
  setTimeout(() => console.log("ready"), 100);
});`;

/** @param addresses of hosts there, `203.0.113.7`, `2001:db8:f::7` @param nets of containers, to be answered by route */
export async function startFarNetwork(addresses: readonly string[], nets: readonly string[]): Promise<FarNetwork> {
  const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
  await untilOther(holder);
  const inside = ["nsenter", `--net=/proc/${holder.pid}/ns/net`];
  const ip = (...words: readonly string[]): void => void execFileSync("ip", words);
  const far = (...words: readonly string[]): void => {
    const [program = "", ...rest] = [...inside, "ip", ...words];
    execFileSync(program, rest);
  };
  ip("link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", String(holder.pid));
  ip("addr", "add", "198.18.0.1/30", "dev", "near0");
  ip("-6", "addr", "add", "fd00:fa::1/126", "dev", "near0", "nodad");
  ip("link", "set", "near0", "up");
  far("link", "set", "lo", "up");
  far("addr", "add", "198.18.0.2/30", "dev", "far0");
  far("-6", "addr", "add", "fd00:fa::2/126", "dev", "far0", "nodad");
  far("link", "set", "far0", "up");
  far("route", "add", "default", "via", "198.18.0.1");
  for (const address of addresses) {
    const isSix = address.includes(":");
    far(isSix ? "-6" : "-4", "addr", "add", `${address}/${isSix ? 128 : 32}`, "dev", "lo");
    ip(isSix ? "-6" : "-4", "route", "add", address, "via", isSix ? "fd00:fa::2" : "198.18.0.2");
  }
  for (const net of nets)
    far(net.includes(":") ? "-6" : "-4", "route", "add", net, "via", net.includes(":") ? "fd00:fa::1" : "198.18.0.1");
  const [program = "", ...rest] = [...inside, process.execPath, "-e", script];
  const server = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
  await once(server.stdout, "data");
  return {
    close() {
      server.kill("SIGKILL");
      holder.kill("SIGKILL");
    },
  };
}

/** unshare(1) has done its work when it has become sleep. */
async function untilOther(holder: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const name = execFileSync("cat", [`/proc/${holder.pid}/comm`], { encoding: "utf8" }).trim();
    if (name === "sleep") return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("no network namespace");
}
