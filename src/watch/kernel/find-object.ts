// The object of probes that came with this installation, for this machine, with the hash that its manifest names.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { decode, object, record, string } from "../../base/schema.ts";

const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** Built JavaScript lies beside the objects. */
const shipped = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../../dist/bpf/" : "../../bpf/", import.meta.url),
);

/** @param unit "" for what the sensor holds, `.learn` for what is loaded only to learn @throws PlimsollError NEED_MISSING, DIGEST_MISMATCH */
export function findObject(
  architecture: string = process.arch,
  folder: string = shipped,
  unit: "" | ".learn" = "",
): Buffer {
  const name = architectures[architecture];
  if (name === undefined) throw missing(`no probes for processors of the kind ${architecture}`);
  const file = `${name}${unit}.bpf.o`;
  const bytes = read(`${folder}/${file}`);
  const expected = hashIn(read(`${folder}/manifest.json`), file);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== expected) {
    throw new PlimsollError(
      "DIGEST_MISMATCH",
      `${file}: expected sha256 ${expected ?? "in the manifest"}, found ${found}`,
      {
        hint: "install Plimsoll again, or build the probes: node scripts/build-probes.ts --force",
      },
    );
  }
  return bytes;
}

const manifestShape = object({ objects: record(string) });

function hashIn(manifest: Buffer, file: string): string | undefined {
  const context = { where: "the manifest of probes", code: "MALFORMED_INPUT" } as const;
  return decode(manifestShape, decodeJson(manifest), context).objects[file];
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw missing(`the probes of the watch: ${errorText(cause)}`, cause);
  }
}

function missing(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError("NEED_MISSING", what, {
    hint: "build the probes: scripts/bootstrap run (needs clang and libbpf-dev)",
    ...(cause === undefined ? {} : { cause }),
  });
}
