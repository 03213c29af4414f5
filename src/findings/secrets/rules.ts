// All secret rules that ship.

import { cloudRules } from "./rules/cloud.ts";
import { codeRules } from "./rules/code-and-packages.ts";
import { keyRules } from "./rules/keys-and-passwords.ts";
import { operationRules } from "./rules/operations.ts";
import { serviceRules } from "./rules/services.ts";
import type { SecretRule } from "./secret-rule.ts";

export const secretRules: readonly SecretRule[] = [
  ...cloudRules,
  ...codeRules,
  ...serviceRules,
  ...operationRules,
  ...keyRules,
];
