// The official JSON schemas of CycloneDX 1.6 and SARIF 2.1.0, out of the packages that carry them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import formatsPlugin from "ajv-formats";

const require = createRequire(import.meta.url);
const addFormats = formatsPlugin.default;

export function cyclonedxSchema(): ValidateFunction {
  const folder = join(dirname(require.resolve("@cyclonedx/cyclonedx-library/package.json")), "res/schema");
  const read = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), "utf8"));
  const ajv = validator();
  for (const name of ["spdx", "jsf-0.82"]) {
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(read("bom-1.6"));
}

export function sarifSchema(): ValidateFunction {
  const folder = dirname(require.resolve("@microsoft/jest-sarif/package.json"));
  const schema = JSON.parse(readFileSync(join(folder, "lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"));
  // It calls itself draft 4, whose words it shares with draft 7 but for these two.
  const { $schema: _draft, id: _name, ...rest } = schema;
  return validator().compile(rest);
}

function validator(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, unicodeRegExp: false });
  addFormats(ajv);
  // Of newer drafts, and not in the package; the addresses themselves are checked as `uri` elsewhere.
  for (const name of ["iri-reference", "idn-email"]) ajv.addFormat(name, true);
  return ajv;
}
