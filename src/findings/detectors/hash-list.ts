// Malware by lists of hashes. Where a list gives sizes, only files of those sizes are hashed.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorText, PlimsollError } from "../../base/errors.ts";
import type { Finding } from "../../model/finding.ts";
import type { ContentSink, FileEntry } from "../../model/layer.ts";
import type { Detector } from "../detector.ts";
import { type HashAlgorithm, type HashList, readHashLists } from "../malware/hash-list.ts";
import { toMalware } from "../malware/to-malware.ts";
import { ruleFilesOf } from "../rule-files.ts";

const maxListBytes = 512 * 1024 * 1024;

export const hashList: Detector = {
  name: "hash-list",
  summary: "malware by your lists of hashes (sha256sum, ClamAV .hdb and .hsb)",
  needs: {},
  async open(settings) {
    const files = await Promise.all(ruleFilesOf("hash-list", settings.ruleFiles).map(readList));
    const list = readLists(files);
    const hash = createHash("sha256");
    for (const { text } of files) hash.update(`${text.length}\n`).update(text);
    return {
      fingerprint: `hash-list 1 ${hash.digest("hex")}`,
      visit: (entry, _head, found) => openSink(entry, list, found),
      close: () => Promise.resolve(),
    };
  },
};

function openSink(entry: FileEntry, list: HashList, found: (finding: Finding) => void): ContentSink | undefined {
  const wanted = entry.kind === "file" && entry.size > 0 ? list.wantedFor(entry.size) : [];
  if (wanted.length === 0) return undefined;
  // The report names every file by its SHA-256, whatever the list is made of.
  const algorithms: readonly HashAlgorithm[] = [...new Set<HashAlgorithm>([...wanted, "sha256"])];
  const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  return {
    write(chunk) {
      for (const { hash } of hashes) hash.update(chunk);
    },
    end() {
      const digests = hashes.map(({ algorithm, hash }) => ({ algorithm, digest: hash.digest("hex") }));
      const sha256 = digests.find(({ algorithm }) => algorithm === "sha256")?.digest ?? "";
      const name = digests
        .map(({ algorithm, digest }) => list.find(algorithm, digest, entry.size))
        .find((each) => each !== undefined);
      if (name === undefined) return;
      found(
        toMalware({
          id: name,
          title: "the file's hash is in a list of known malware",
          severity: "critical",
          detector: "hash-list",
          path: entry.path,
          sha256,
        }),
      );
    },
  };
}

async function readList(name: string): Promise<{ readonly name: string; readonly text: string }> {
  try {
    const text = await readFile(name, "latin1");
    if (text.length > maxListBytes) throw new RangeError(`longer than ${maxListBytes} bytes`);
    return { name, text };
  } catch (cause) {
    throw new PlimsollError("POLICY_INVALID", `${name}: ${errorText(cause)}`, { hint: "correct the hash list", cause });
  }
}

function readLists(files: readonly { readonly name: string; readonly text: string }[]): HashList {
  try {
    return readHashLists(files);
  } catch (cause) {
    throw new PlimsollError("POLICY_INVALID", errorText(cause), { hint: "correct the hash list", cause });
  }
}
