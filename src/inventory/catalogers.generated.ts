// Every plugin in catalogers/. Written by `npm run plugins`; do not edit.

import type { Cataloger } from "./cataloger.ts";
import { apk } from "./catalogers/apk.ts";
import { bunLock } from "./catalogers/bun-lock.ts";
import { cargoLock } from "./catalogers/cargo-lock.ts";
import { chisel } from "./catalogers/chisel.ts";
import { composer } from "./catalogers/composer.ts";
import { dotnetDeps } from "./catalogers/dotnet-deps.ts";
import { dotnetLock } from "./catalogers/dotnet-lock.ts";
import { dpkg } from "./catalogers/dpkg.ts";
import { gemfileLock } from "./catalogers/gemfile-lock.ts";
import { gemspec } from "./catalogers/gemspec.ts";
import { goBinary } from "./catalogers/go-binary.ts";
import { goMod } from "./catalogers/go-mod.ts";
import { javaArchive } from "./catalogers/java-archive.ts";
import { nodeModules } from "./catalogers/node-modules.ts";
import { npmLock } from "./catalogers/npm-lock.ts";
import { osRelease } from "./catalogers/os-release.ts";
import { pipfileLock } from "./catalogers/pipfile-lock.ts";
import { pnpmLock } from "./catalogers/pnpm-lock.ts";
import { programs } from "./catalogers/programs.ts";
import { pythonInstalled } from "./catalogers/python-installed.ts";
import { pythonLock } from "./catalogers/python-lock.ts";
import { releaseFiles } from "./catalogers/release-files.ts";
import { requirements } from "./catalogers/requirements.ts";
import { rpm } from "./catalogers/rpm.ts";
import { runtimeFiles } from "./catalogers/runtime-files.ts";
import { rustBinary } from "./catalogers/rust-binary.ts";
import { yarnLock } from "./catalogers/yarn-lock.ts";
import { yarnPnp } from "./catalogers/yarn-pnp.ts";

export const catalogers: readonly Cataloger[] = [apk, bunLock, cargoLock, chisel, composer, dotnetDeps, dotnetLock, dpkg, gemfileLock, gemspec, goBinary, goMod, javaArchive, nodeModules, npmLock, osRelease, pipfileLock, pnpmLock, programs, pythonInstalled, pythonLock, releaseFiles, requirements, rpm, runtimeFiles, rustBinary, yarnLock, yarnPnp];
