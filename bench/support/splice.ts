// The least that a process in between can do: bytes from socket to socket. Usage: node bench/support/splice.ts SOCKET ENGINE

import { connect, createServer } from "node:net";

const [socket = "", engine = ""] = process.argv.slice(2);

createServer({ allowHalfOpen: true }, (caller) => {
  const upstream = connect({ path: engine, allowHalfOpen: true });
  caller.pipe(upstream);
  upstream.pipe(caller);
  caller.on("error", () => upstream.destroy());
  upstream.on("error", () => caller.destroy());
  caller.on("close", () => upstream.destroy());
  upstream.on("close", () => caller.destroy());
}).listen(socket);
