// Every plugin in controls/. Written by `npm run plugins`; do not edit.

import type { Control } from "./control.ts";
import { apparmor } from "./controls/apparmor.ts";
import { capabilities } from "./controls/capabilities.ts";
import { memoryLimit } from "./controls/memory-limit.ts";
import { noNewPrivileges } from "./controls/no-new-privileges.ts";
import { pidsLimit } from "./controls/pids-limit.ts";
import { readOnlyRoot } from "./controls/read-only-root.ts";
import { runtime } from "./controls/runtime.ts";
import { seccomp } from "./controls/seccomp.ts";
import { selinux } from "./controls/selinux.ts";
import { userNamespace } from "./controls/user-namespace.ts";
import { user } from "./controls/user.ts";

export const controls: readonly Control[] = [apparmor, capabilities, memoryLimit, noNewPrivileges, pidsLimit, readOnlyRoot, runtime, seccomp, selinux, userNamespace, user];
