// The YAML library, loaded when there is YAML to read.

import { createRequire } from "node:module";
import { lazily } from "./lazily.ts";

export const yaml = lazily((): typeof import("yaml") => createRequire(import.meta.url)("yaml"));
