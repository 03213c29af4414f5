// An image that an engine has, by its name or id.

import { PlimsollError } from "../../base/errors.ts";
import { openEngineImage } from "../engine/engine-image.ts";
import type { ImageSource } from "../source.ts";
import { subjectFor } from "../subject.ts";

export const engine: ImageSource = {
  name: "engine",
  summary: "an image that the container engine has",
  needs: {},
  async open(subject, settings) {
    const wanted = subjectFor("engine", subject);
    if (wanted === undefined || (settings.engineSocket === "" && !wanted.isForced)) return undefined;
    if (!/^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/.test(wanted.text)) return undefined;
    const image = await openEngineImage(subject, wanted.text, settings);
    if (image !== undefined || !wanted.isForced) return image;
    throw new PlimsollError("NOT_FOUND", `engine: no image ${JSON.stringify(wanted.text.slice(0, 200))}`, {
      hint: "list the images there with docker images",
    });
  },
};
