// Run as a program inside an engine's network namespace: a web server that writes down who came, and gives an image
// registry's first answer, a Dockerfile and a tar, so that an engine sent here goes on with what it was doing.
// Argument: the port on 127.0.0.1. Each request is one line on standard output.

import { createServer } from "node:http";
import { tar } from "./tar.ts";

createServer((request, response) => {
  const credentials = request.headers["x-registry-auth"] ?? request.headers.authorization ?? "";
  process.stdout.write(`${request.method} ${request.url} ${credentials}\n`);
  if (request.url?.includes("Dockerfile")) {
    response.setHeader("Content-Type", "text/plain");
    response.end("FROM bb:1\nLABEL remote=1\n");
  } else if (request.url === "/img.tar") {
    response.end(tar([{ name: "etc/x", data: "y" }]));
  } else if (request.url?.startsWith("/v2/")) {
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="probe"' }).end("{}");
  } else {
    response.end("{}");
  }
}).listen(Number(process.argv[2]), "127.0.0.1", () => process.stdout.write("ready\n"));
process.stdin.on("end", () => process.exit(0)).resume();
