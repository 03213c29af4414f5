// Every plugin in detectors/. Written by `npm run plugins`; do not edit.

import type { Detector } from "./detector.ts";
import { imageConfiguration } from "./detectors/image-configuration.ts";
import { secrets } from "./detectors/secrets.ts";

export const detectors: readonly Detector[] = [imageConfiguration, secrets];
