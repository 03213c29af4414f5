// The program of a thread that hashes: pieces come and go back, and at the end their SHA-256.

import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";

const hash = createHash("sha256");
parentPort?.on("message", (message: unknown) => {
  if (message instanceof Uint8Array) {
    hash.update(message);
    parentPort?.postMessage(message, message.buffer instanceof ArrayBuffer ? [message.buffer] : []);
  } else {
    parentPort?.postMessage(hash.digest("hex"));
  }
});
