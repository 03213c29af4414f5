// The trusted root of keyless signatures, kept current by TUF: whoever controls the server can neither change it, nor set it back,
// nor keep us on an old one past its end. What was seen before lies in a folder and only goes forward.
// Source: TUF specification v1.0.33, section 5, "Detailed client workflow"; sigstore client specification v1, "Trusted root".

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { checkTrustedRoot } from "../verify-keyless.ts";
import { maxRootBytes } from "./distinct-keys.ts";
import { folderUrl, MetadataFetcher } from "./fetch-metadata.ts";

export type RootSource = {
  /** `https://...`, or the path of a folder with a copy of the repository. */
  readonly repository: { readonly url: string } | { readonly folder: string };
  /** The first root, as somebody gave it whom one believes; only the first time. */
  readonly firstRoot: Uint8Array | undefined;
  /** Where what was seen is kept. */
  readonly folder: string;
};

const targetName = "trusted_root.json";
const maxTargetBytes = 4 * 1024 * 1024;
const limits = {
  ...{ maxRootRotations: 256, maxDelegations: 8, rootMaxLength: maxRootBytes, timestampMaxLength: 16 * 1024 },
  ...{ snapshotMaxLength: 2 * 1024 * 1024, targetsMaxLength: 4 * 1024 * 1024 },
};

/**
 * @returns the text of the trusted root
 * @throws PlimsollError SIGNATURE_INVALID when the repository is not as its signers say, DOWNLOAD_FAILED, USAGE
 */
export async function updateTrustedRoot({ repository, firstRoot, folder }: RootSource): Promise<string> {
  const isFirst = !existsSync(join(folder, "root.json"));
  if (isFirst) plant(folder, firstRoot);
  const [url, carried] = "folder" in repository ? [folderUrl, repository.folder] : [repository.url, ""];
  const targets = mkdtempSync(join(tmpdir(), "plimsoll-root-"));
  try {
    const updater = new Updater({
      ...{ metadataDir: folder, metadataBaseUrl: baseOf(url, carried), targetDir: targets },
      ...{ targetBaseUrl: `${url.replace(/\/$/, "")}/targets`, fetcher: new MetadataFetcher(carried), config: limits },
    });
    await updater.refresh();
    const target = await updater.getTargetInfo(targetName);
    if (target === undefined) throw new Error(`the repository has no ${targetName}`);
    if (target.length > maxTargetBytes) throw new Error(`${targetName} has ${target.length} bytes`);
    const text = readFileSync(await updater.downloadTarget(target), "utf8");
    checkTrustedRoot(text);
    return text;
  } catch (cause) {
    // What never held is not what later changes are measured by.
    if (isFirst) rmSync(folder, { recursive: true, force: true });
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("SIGNATURE_INVALID", `TUF repository: ${errorText(cause)}`, {
      hint: "do not use it; ask whoever runs the repository, and check this machine's clock",
      cause,
    });
  } finally {
    rmSync(targets, { recursive: true, force: true });
  }
}

/** Servers keep metadata at the top, or as the library's own mirrors below `metadata`. */
function baseOf(url: string, folder: string): string {
  return folder !== "" && existsSync(join(folder, "metadata")) ? `${url}/metadata` : url;
}

function plant(folder: string, firstRoot: Uint8Array | undefined): void {
  if (firstRoot === undefined) {
    throw new PlimsollError("USAGE", "nothing is known of this repository yet", {
      hint: "give its first root with --root FILE, from somebody whom you believe",
    });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "root.json"), firstRoot, { mode: 0o600 });
}
