// Strict checks for standards whose schemas no package carries: what each specification demands, in its own words.

import { fieldsAt, listAt, textAt } from "../../src/base/reading.ts";

/** @returns one sentence for each broken demand */
type Check = (document: unknown) => readonly string[];

/** @see SPDX 2.3, sections 6 (document), 7 (package), 10 (other licences), 11 (relationships) */
export const checkSpdx: Check = (document) => {
  const wrong: string[] = [];
  const expect = (isRight: boolean, what: string) => {
    if (!isRight) wrong.push(what);
  };
  expect(textAt(document, "spdxVersion") === "SPDX-2.3", "spdxVersion");
  expect(textAt(document, "dataLicense") === "CC0-1.0", "dataLicense");
  expect(textAt(document, "SPDXID") === "SPDXRef-DOCUMENT", "SPDXID");
  expect(textAt(document, "name") !== "", "name");
  expect(/^https:\/\/[^#\s]+$/.test(textAt(document, "documentNamespace")), "documentNamespace");
  expect(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(textAt(document, "creationInfo", "created")), "created");
  const creators = listAt(document, "creationInfo", "creators");
  expect(
    creators.every((creator) => /^(Tool|Person|Organization): .+/.test(String(creator))),
    "creators",
  );
  const packages = listAt(document, "packages");
  const ids = ["SPDXRef-DOCUMENT", ...packages.map((found) => textAt(found, "SPDXID"))];
  expect(new Set(ids).size === ids.length, "SPDXIDs are unique");
  const extracted = listAt(document, "hasExtractedLicensingInfos").map((info) => textAt(info, "licenseId"));
  for (const found of packages) {
    expect(/^SPDXRef-[A-Za-z0-9.-]+$/.test(textAt(found, "SPDXID")), "SPDXID of a package");
    expect(textAt(found, "name") !== "", "name of a package");
    expect(textAt(found, "downloadLocation") === "NOASSERTION", "downloadLocation");
    expect(
      ["", "NOASSERTION"].includes(textAt(found, "supplier")) ||
        /^(Person|Organization): .+/s.test(textAt(found, "supplier")),
      "supplier",
    );
    const license = textAt(found, "licenseDeclared");
    const isReference = license.startsWith("LicenseRef-");
    expect(
      isReference ? extracted.includes(license) : license === "NOASSERTION" || /^[()A-Za-z0-9.+ -]+$/.test(license),
      `licence ${license}`,
    );
    for (const reference of listAt(found, "externalRefs")) {
      expect(textAt(reference, "referenceCategory") === "PACKAGE-MANAGER", "referenceCategory");
      expect(textAt(reference, "referenceType") === "purl", "referenceType");
      expect(/^pkg:[a-z]+\/[!-~]+$/.test(textAt(reference, "referenceLocator")), "referenceLocator");
    }
  }
  expect(
    extracted.every((id) => /^LicenseRef-[A-Za-z0-9.-]+$/.test(id)),
    "licenseId",
  );
  const relationships = listAt(document, "relationships");
  expect(
    relationships.some((each) => textAt(each, "relationshipType") === "DESCRIBES"),
    "something is described",
  );
  for (const each of relationships) {
    expect(ids.includes(textAt(each, "spdxElementId")), "spdxElementId");
    expect(ids.includes(textAt(each, "relatedSpdxElement")), "relatedSpdxElement");
  }
  return wrong;
};

/** @see GitLab security report schemas 15.2, container-scanning-report-format */
export const checkGitlab: Check = (document) => {
  const wrong: string[] = [];
  const expect = (isRight: boolean, what: string) => {
    if (!isRight) wrong.push(what);
  };
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;
  expect(/^15\.\d+\.\d+$/.test(textAt(document, "version")), "version");
  const scan = fieldsAt(document, "scan");
  expect(textAt(scan, "type") === "container_scanning" && textAt(scan, "status") === "success", "type and status");
  expect(time.test(textAt(scan, "start_time")) && time.test(textAt(scan, "end_time")), "times");
  for (const who of ["analyzer", "scanner"]) {
    for (const path of [["id"], ["name"], ["version"], ["vendor", "name"]])
      expect(textAt(scan, who, ...path) !== "", `${who} ${path.join(".")}`);
  }
  const ids = listAt(document, "vulnerabilities").map((each) => textAt(each, "id"));
  expect(
    ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    "ids are UUIDs",
  );
  for (const each of listAt(document, "vulnerabilities")) {
    expect(["Info", "Unknown", "Low", "Medium", "High", "Critical"].includes(textAt(each, "severity")), "severity");
    expect(textAt(each, "name").length <= 255, "name");
    const identifiers = listAt(each, "identifiers");
    expect(identifiers.length >= 1 && identifiers.length <= 20, "identifiers");
    for (const identifier of identifiers) {
      for (const key of ["type", "name", "value"]) expect(textAt(identifier, key) !== "", `identifier ${key}`);
      expect(/^(|(https?|ftp):\/\/.+)$/.test(textAt(identifier, "url")), "identifier url");
    }
    for (const link of listAt(each, "links")) expect(/^(https?|ftp):\/\/.+/.test(textAt(link, "url")), "link url");
    expect(
      /^[^:]+(:\d+[^:]*)?:[^:]+(:[^:]+)?$/s.test(textAt(each, "location", "image")),
      `image ${textAt(each, "location", "image")}`,
    );
    expect(textAt(each, "location", "operating_system") !== "", "operating_system");
    expect(textAt(each, "location", "dependency", "package", "name") !== "", "package name");
  }
  return wrong;
};

/** @see OpenVEX 0.2.0, "The Statement" and "Status Labels" */
export const checkOpenvex: Check = (document) => {
  const wrong: string[] = [];
  const expect = (isRight: boolean, what: string) => {
    if (!isRight) wrong.push(what);
  };
  expect(textAt(document, "@context") === "https://openvex.dev/ns/v0.2.0", "@context");
  expect(/^https:\/\/[!-~]+$/.test(textAt(document, "@id")), "@id");
  expect(textAt(document, "author") !== "", "author");
  expect(!Number.isNaN(Date.parse(textAt(document, "timestamp"))), "timestamp");
  for (const statement of listAt(document, "statements")) {
    const status = textAt(statement, "status");
    expect(["not_affected", "affected", "fixed", "under_investigation"].includes(status), "status");
    expect(textAt(statement, "vulnerability", "name") !== "", "vulnerability");
    expect(listAt(statement, "products").length > 0, "products");
    if (status === "not_affected")
      expect(
        textAt(statement, "justification") !== "" || textAt(statement, "impact_statement") !== "",
        "justification",
      );
    if (status === "affected") expect(textAt(statement, "action_statement") !== "", "action_statement");
  }
  return wrong;
};
