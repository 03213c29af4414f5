// A match becomes a finding: masked, with a fingerprint, and without the secret itself.

import type { Secret } from "../../model/finding.ts";
import { maskSecret, secretFingerprint } from "./mask-secret.ts";
import type { SecretMatch } from "./secret-scanner.ts";

type Place = { readonly place: string; readonly path: string; readonly line: number };

export function toSecret({ rule, secret }: SecretMatch, { place, path, line }: Place): Secret {
  return {
    kind: "secret",
    id: rule.id,
    severity: rule.rate?.(secret) ?? rule.severity,
    title: rule.title,
    remedy: "revoke it where it was issued, then build the image without it (`RUN --mount=type=secret`)",
    path,
    layer: -1,
    masked: maskSecret(secret, rule.isPassword),
    fingerprint: secretFingerprint(secret),
    line,
    place,
  };
}
