// All rules for Dockerfiles.

import type { LintRule } from "./lint-rule.ts";
import { baseRules } from "./rules/bases.ts";
import { commandRules } from "./rules/commands.ts";
import { contentRules } from "./rules/contents.ts";
import { formRules } from "./rules/form.ts";
import { packageRules } from "./rules/packages.ts";
import { secretFileRules } from "./rules/secrets.ts";
import { settingRules } from "./rules/settings.ts";

export const lintRules: readonly LintRule[] = [
  ...formRules,
  ...baseRules,
  ...secretFileRules,
  ...contentRules,
  ...settingRules,
  ...commandRules,
  ...packageRules,
];
