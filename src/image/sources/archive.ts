// A file that holds an image: docker save, podman save, skopeo copy, ctr images export; plain, gzip'ed or zstd'ed.

import { stat } from "node:fs/promises";
import { malformed } from "../../base/errors.ts";
import { Archive } from "../archive/archive.ts";
import { holdsImage, openArchiveImage } from "../archive/archive-image.ts";
import type { ImageSource } from "../source.ts";
import { splitPath, subjectFor } from "../subject.ts";

export const archive: ImageSource = {
  name: "archive",
  summary: "a file written by docker save, podman save, skopeo or ctr images export, also compressed",
  needs: {},
  async open(subject, settings) {
    const wanted = subjectFor("archive", subject);
    if (wanted === undefined) return undefined;
    const { path, image } = splitPath(wanted.text);
    const isFile = await stat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    const found = isFile ? await Archive.open(path, settings) : undefined;
    if (found !== undefined && holdsImage(found)) return await openArchiveImage(found, { subject, image }, settings);
    await found?.close();
    if (wanted.isForced || found !== undefined)
      throw malformed(path, "expected an archive with manifest.json or index.json");
    return undefined;
  },
};
