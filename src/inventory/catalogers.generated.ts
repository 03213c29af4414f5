// Every plugin in catalogers/. Written by `npm run plugins`; do not edit.

import type { Cataloger } from "./cataloger.ts";
import { apk } from "./catalogers/apk.ts";
import { dpkg } from "./catalogers/dpkg.ts";
import { osRelease } from "./catalogers/os-release.ts";
import { rpm } from "./catalogers/rpm.ts";

export const catalogers: readonly Cataloger[] = [apk, dpkg, osRelease, rpm];
