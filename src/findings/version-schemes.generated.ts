// Every plugin in version-schemes/. Written by `npm run plugins`; do not edit.

import type { VersionScheme } from "./version-scheme.ts";
import { apk } from "./version-schemes/apk.ts";
import { composer } from "./version-schemes/composer.ts";
import { deb } from "./version-schemes/deb.ts";
import { gem } from "./version-schemes/gem.ts";
import { generic } from "./version-schemes/generic.ts";
import { go } from "./version-schemes/go.ts";
import { maven } from "./version-schemes/maven.ts";
import { nuget } from "./version-schemes/nuget.ts";
import { python } from "./version-schemes/python.ts";
import { rpm } from "./version-schemes/rpm.ts";
import { semantic } from "./version-schemes/semantic.ts";

export const versionSchemes: readonly VersionScheme[] = [apk, composer, deb, gem, generic, go, maven, nuget, python, rpm, semantic];
