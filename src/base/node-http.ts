// Node's HTTP, loaded when it is used, and as a plain object: an import by name reads every getter of the module at the program's
// start, and one of them loads a whole second client. Commands that only look into files would pay for that, and so would the
// memory of the gate.
// Source: Node lib/http.js (`lazyUndici`), lib/internal/bootstrap/realm.js (`getESMFacade`).

import { lazily } from "./lazily.ts";

export const http = lazily(() => process.getBuiltinModule("node:http"));
export const https = lazily(() => process.getBuiltinModule("node:https"));
