// Python packages that are installed: the metadata beside their modules, of wheels (dist-info) and of older ways (egg-info).
// Source: PyPA specifications, "Recording installed projects" and "Core metadata".

import type { Cataloger } from "../cataloger.ts";
import { nothing } from "../lock-files.ts";
import { pythonPackage, readMetadata } from "../python.ts";
import { readText } from "../text.ts";

export const pythonInstalled: Cataloger = {
  name: "python-installed",
  summary: "Python packages that are installed (wheels and eggs)",
  needs: {},
  version: 1,
  reads: { baseNames: ["METADATA", "PKG-INFO"], suffixes: [".egg-info"] },
  maxBytes: 16 * 1024 * 1024,
  catalog(file) {
    if (!isMetadata(file.path)) return nothing;
    const fields = readMetadata(readText(file.content));
    const name = fields.get("name") ?? "";
    const version = fields.get("version") ?? "";
    if (name === "" || version === "") return { ...nothing, problems: ["metadata without name or version"] };
    const license = fields.get("license-expression") ?? fields.get("license") ?? "";
    return {
      packages: [pythonPackage({ name, version, evidence: file.path, license: license.slice(0, 200) })],
      owned: [],
    };
  },
};

/** `x.dist-info/METADATA`, `x.egg-info/PKG-INFO`, `EGG-INFO/PKG-INFO` of an egg, or the file `x.egg-info` itself. */
function isMetadata(path: string): boolean {
  return /(?:\.dist-info\/METADATA|\.egg-info\/PKG-INFO|(?:^|\/)EGG-INFO\/PKG-INFO|\.egg-info)$/i.test(path);
}
