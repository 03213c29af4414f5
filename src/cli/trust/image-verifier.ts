// The program that containerd runs before it pulls an image: it asks the running Plimsoll and says no when nobody says yes. Small,
// with nothing but Node: `plimsoll trust verifier` writes the file that starts it, whose second line says where Plimsoll answers.
// Source: containerd 2.1, docs/image-verification.md ("bindir"): -name, -digest, the descriptor on stdin; exit code 0 allows.

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { parseArgs } from "node:util";

type Asked = { readonly name: string; readonly digest: string };
type Answer = { readonly isAllowed: boolean; readonly reason: string };

/** containerd itself waits for ten seconds, and then tells nobody why. */
const timeoutMs = 9_000;
const maxBytes = 65_536;
/** containerd shows no more of the reason. */
const maxReasonLength = 2_000;

const [starter = "", ...words] = process.argv.slice(1).filter((_, at) => at > 0);
setTimeout(() => end({ isAllowed: false, reason: `plimsoll did not answer within ${timeoutMs / 1000} s` }), timeoutMs);
try {
  end(await ask(socketOf(starter), await readAsked(words)));
} catch (thrown) {
  end({ isAllowed: false, reason: thrown instanceof Error ? thrown.message : String(thrown) });
}

function end({ isAllowed, reason }: Answer): never {
  process.stdout.write(`plimsoll: ${reason.slice(0, maxReasonLength)}\n`);
  process.exit(isAllowed ? 0 : 1);
}

/** Of the line behind the one that names this program. */
function socketOf(file: string): string {
  const line = readFileSync(file, "utf8").slice(0, maxBytes).split("\n")[1] ?? "";
  return textOf(fieldsOf(JSON.parse(line)), "socket");
}

async function readAsked(given: readonly string[]): Promise<Asked> {
  const args = given.map((word) => word.replace(/^-(?=name$|digest$|stdin-media-type$)/, "--"));
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { name: text, digest: text, "stdin-media-type": text } });
  const { name = "", digest = "" } = values;
  if (name === "" || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error("asked about no name, or no sha256 digest");
  const descriptor = fieldsOf(JSON.parse(await readInput()));
  if (textOf(descriptor, "digest") !== digest) throw new Error("the descriptor is of another digest");
  return { name, digest };
}

/** Not at one go: the pipe may be one that does not wait, and containerd be slower than we. */
async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk));
    if (Buffer.concat(chunks).length > maxBytes) throw new Error("too long a descriptor");
  }
  return Buffer.concat(chunks).toString("utf8");
}

function ask(socketPath: string, asked: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    socket.on("error", (cause) => reject(new Error(`nobody answers on ${socketPath}: ${cause.message}`)));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (Buffer.concat(chunks).length > maxBytes) socket.destroy(new Error("too long an answer"));
    });
    socket.on("end", () => {
      try {
        resolve(readAnswer(Buffer.concat(chunks).toString("utf8")));
      } catch (cause) {
        reject(cause);
      }
    });
    socket.end(`${JSON.stringify({ ask: "judge-image", ...asked })}\n`);
  });
}

function readAnswer(text: string): Answer {
  const answer = fieldsOf(JSON.parse(text));
  const error = fieldsOf(answer["error"] ?? {});
  if (answer["error"] !== undefined) return { isAllowed: false, reason: textOf(error, "message") };
  return { isAllowed: answer["isAllowed"] === true, reason: textOf(answer, "reason") };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error("expected an object");
  return Object.fromEntries(Object.entries(value));
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new Error(`expected a text under ${name}`);
  return value;
}
