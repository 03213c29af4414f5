// Runtimes that tell their version in a small text beside them: Java's release file, Erlang/OTP's version file, RabbitMQ's application file.
// Source: JEP 223 and the JDK's `release` file; erlang.org, "Versions" (OTP_VERSION); erlang.org, app(4).

import type { CatalogResult } from "../../model/package.ts";
import type { Cataloger, CatalogFile } from "../cataloger.ts";
import { nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";
import { baseName, readText } from "../text.ts";

export const runtimeFiles: Cataloger = {
  name: "runtime-files",
  summary: "Java, Erlang and RabbitMQ, from the files that name their version",
  needs: {},
  version: 1,
  reads: { baseNames: ["release", "OTP_VERSION", "rabbit.app"] },
  maxBytes: 1024 * 1024,
  catalog(file) {
    const text = readText(file.content);
    switch (baseName(file.path)) {
      case "OTP_VERSION":
        return toResult(file, "erlang/otp", /^(\d[\d.]{0,30})\s*$/.exec(text)?.[1]);
      case "rabbit.app":
        return toResult(file, "rabbitmq", /\{\s{0,9}vsn,\s{0,9}"(\d[\w.+-]{0,60})"/.exec(text)?.[1]);
      default:
        return readRelease(file, text);
    }
  },
};

/** `JAVA_VERSION="17.0.8"`, before Java 9 `1.8.0_382`; only beside something that Java has. */
function readRelease(file: CatalogFile, text: string): CatalogResult {
  const version = /^JAVA_VERSION="([\d._]{1,40})"$/m.exec(text)?.[1];
  const vendor = /^IMPLEMENTOR="([^"\n]{0,200})"$/m.exec(text)?.[1] ?? "";
  return toResult(file, "openjdk", version, vendor);
}

function toResult(
  { path }: CatalogFile,
  name: string,
  version: string | undefined,
  vendor: string = "",
): CatalogResult {
  if (version === undefined) return nothing;
  return { packages: [makePackage({ ecosystem: "generic", name, version, vendor, evidence: path })], owned: [] };
}
