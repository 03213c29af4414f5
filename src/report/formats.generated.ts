// Every plugin in formats/. Written by `npm run plugins`; do not edit.

import type { Format } from "./format.ts";
import { cyclonedx } from "./formats/cyclonedx.ts";
import { gitlab } from "./formats/gitlab.ts";
import { html } from "./formats/html.ts";
import { json } from "./formats/json.ts";
import { junit } from "./formats/junit.ts";
import { openvex } from "./formats/openvex.ts";
import { sarif } from "./formats/sarif.ts";
import { spdx } from "./formats/spdx.ts";
import { table } from "./formats/table.ts";

export const formats: readonly Format[] = [cyclonedx, gitlab, html, json, junit, openvex, sarif, spdx, table];
