// Any folder as a root file system: an unpacked image, a chroot, an overlay's upper directory. A path has to look like one
// (`/srv/root`, `./root`, `root/`), so that a folder never stands in for an image of the same name.

import { realpath, stat } from "node:fs/promises";
import { emptyConfig } from "../../base/empty-config.ts";
import { malformed } from "../../base/errors.ts";
import { thisPlatform } from "../documents/platform.ts";
import type { ImageSource } from "../source.ts";
import { subjectFor } from "../subject.ts";

export const directory: ImageSource = {
  name: "directory",
  summary: "a folder with a root file system",
  needs: {},
  async open(subject, settings) {
    const wanted = subjectFor("directory", subject);
    if (wanted === undefined || !(wanted.isForced || looksLikePath(wanted.text))) return undefined;
    if (!(await isFolder(wanted.text))) {
      if (wanted.isForced) throw malformed(wanted.text, "expected a folder");
      return undefined;
    }
    if (!wanted.isForced && (await isLayout(wanted.text))) return undefined;
    const path = await realpath(wanted.text);
    const description = {
      subject,
      source: "directory",
      names: [],
      indexDigest: "",
      manifestDigest: "",
      configDigest: "",
      config: emptyConfig(settings.platform ?? thisPlatform()),
      layers: [{ index: 0, digest: "", mediaType: "", size: 0, diffId: "", createdBy: "" }],
    };
    return {
      description,
      openLayer: () => Promise.resolve({ kind: "directory", path }),
      close: () => Promise.resolve(),
    };
  },
};

function looksLikePath(text: string): boolean {
  return /^(?:\/|\.\.?(?:\/|$))|\/$/.test(text);
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isLayout(path: string): Promise<boolean> {
  return await stat(`${path}/oci-layout`).then(
    () => true,
    () => false,
  );
}
