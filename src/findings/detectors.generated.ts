// Every plugin in detectors/. Written by `npm run plugins`; do not edit.

import type { Detector } from "./detector.ts";
import { clamd } from "./detectors/clamd.ts";
import { hashList } from "./detectors/hash-list.ts";
import { imageConfiguration } from "./detectors/image-configuration.ts";
import { packedProgram } from "./detectors/packed-program.ts";
import { secrets } from "./detectors/secrets.ts";
import { yara } from "./detectors/yara.ts";

export const detectors: readonly Detector[] = [clamd, hashList, imageConfiguration, packedProgram, secrets, yara];
