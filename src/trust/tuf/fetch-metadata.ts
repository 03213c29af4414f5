// Where the files of a TUF repository come from: a server, or a folder that somebody carried here. Neither is believed: every file
// is signed, or named by its hash. Lengths are limited by whoever asks. Source: TUF specification v1.0.33, section 5.

import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { BaseFetcher } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { withoutCredentials } from "../../base/redact-url.ts";
import { checkDistinctKeys, maxRootBytes } from "./distinct-keys.ts";

/** Of one file, from the question to its last byte. */
const timeoutMs = 30_000;
/** What stands for a folder in the addresses that the library makes. */
export const folderUrl = "folder://repository";

export class MetadataFetcher extends BaseFetcher {
  readonly #folder: string;

  /** @param folder read instead of a server; "" for a server */
  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  /** @throws DownloadHTTPError 404 when it is not there: for the library that is an answer */
  override async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const stream = this.#folder === "" ? await askServer(url) : await readFolder(this.#folder, url);
    return /\/[0-9]+\.root\.json$/.test(url) ? await checkedRoot(stream, url) : stream;
  }
}

/** @throws PlimsollError SIGNATURE_INVALID for a root that lists a key twice */
async function checkedRoot(stream: ReadableStream<Uint8Array<ArrayBuffer>>, url: string): Promise<typeof stream> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of stream) {
    length += piece.byteLength;
    if (length > maxRootBytes) throw new Error(`${withoutCredentials(url)}: more than ${maxRootBytes} bytes`);
    pieces.push(piece);
  }
  checkDistinctKeys(Buffer.concat(pieces));
  return ReadableStream.from(pieces);
}

async function askServer(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  try {
    const answer = await fetch(url, {
      headers: { "accept-encoding": "identity", "user-agent": "plimsoll" },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (answer.status === 200 && answer.body !== null) return answer.body;
    await answer.body?.cancel();
    throw new DownloadHTTPError(`answers with ${answer.status}`, answer.status);
  } catch (cause) {
    if (cause instanceof DownloadHTTPError) throw cause;
    const inner = cause instanceof Error && cause.cause !== undefined ? `: ${errorText(cause.cause)}` : "";
    throw new PlimsollError("DOWNLOAD_FAILED", `${withoutCredentials(url)}: ${errorText(cause)}${inner}`, {
      hint: "check the address and the network, or carry the repository here and use --from",
      cause,
    });
  }
}

/** Only plain names below the folder, and plain files. */
async function readFolder(folder: string, url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const names = url.slice(folderUrl.length + 1).split("/");
  if (names.some((name) => !/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$/.test(name)))
    throw new DownloadHTTPError("no such file", 404);
  const file = await open(
    join(folder, ...names),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new DownloadHTTPError("no such file", 404);
    throw unreadable(join(folder, ...names), cause);
  });
  const isFile = (await file.stat()).isFile();
  if (!isFile) await file.close();
  if (!isFile) throw unreadable(join(folder, ...names), new Error("no plain file"));
  return Readable.toWeb(file.createReadStream());
}

function unreadable(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("DOWNLOAD_FAILED", `${path}: ${errorText(cause)}`, {
    hint: "name a folder with a copy of the whole repository",
    cause,
  });
}
