// Run as a program: becomes another user, then passes every connection on. The other end sees that user as its peer
// (SO_PEERCRED names the process that connects, so the test process cannot do this itself).
// Arguments: uid, gid, further group ids with commas ("" for none), socket to listen on, socket to connect to.

import { chmodSync } from "node:fs";
import { connect, createServer } from "node:net";

const [uid = "", gid = "", groups = "", listenPath = "", target = ""] = process.argv.slice(2);

const server = createServer({ allowHalfOpen: true }, (client) => {
  const upstream = connect({ path: target, allowHalfOpen: true });
  client.pipe(upstream);
  upstream.pipe(client);
  client.on("error", () => upstream.destroy());
  upstream.on("error", () => client.destroy());
  client.on("close", () => upstream.destroy());
  upstream.on("close", () => client.destroySoon());
});

server.listen(listenPath, () => {
  chmodSync(listenPath, 0o666);
  process.setgroups?.(groups === "" ? [] : groups.split(",").map(Number));
  process.setgid?.(Number(gid));
  process.setuid?.(Number(uid));
  process.stdout.write("ready\n");
});
process.stdin.on("end", () => process.exit(0)).resume();
