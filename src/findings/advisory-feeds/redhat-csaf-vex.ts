// Red Hat's states of every CVE in every product, as VEX documents in one archive.
// Source: security.access.redhat.com/data/csaf/v2/vex; the file archive_latest.txt names the newest archive.

import { errorText, PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import type { AdvisoryFeed, FeedRecord } from "../advisory-feed.ts";
import { readRedhatVex } from "../feed-formats/redhat-vex.ts";
import { readTarFiles } from "../feed-formats/tar-files.ts";

const maxDocumentBytes = 64 * 1024 * 1024;

export const redhatCsafVex: AdvisoryFeed = {
  name: "redhat-csaf-vex",
  summary: "Red Hat Enterprise Linux and CentOS",
  needs: { network: true },
  baseUrl: "https://security.access.redhat.com/data/csaf/v2/vex",
  files: [
    {
      name: "archive.tar.zst",
      nameIn: "archive_latest.txt",
      checksumSuffix: ".sha256",
      maxBytes: 2 * 1024 * 1024 * 1024,
    },
  ],
  async *read(_file, path, problem): AsyncIterable<FeedRecord> {
    const limits = { maxFileBytes: maxDocumentBytes, maxTotalBytes: 64 * 1024 * 1024 * 1024 };
    for await (const { name, content } of readTarFiles(path, limits)) {
      if (!name.endsWith(".json")) continue;
      for (const advisory of readDocument(name, content, problem)) yield { kind: "advisory", advisory };
    }
  },
};

function readDocument(name: string, content: Uint8Array, problem: (what: string) => void) {
  try {
    return readRedhatVex(decodeJson(content, { maxBytes: maxDocumentBytes, duplicates: "exact" }));
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    problem(`${name}: ${errorText(thrown)}`);
    return [];
  }
}
