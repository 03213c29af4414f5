// Cutting a policy file into its policies: the pieces are what Cedar itself reads in the whole, and their lines are right.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countPolicies } from "../../src/policy/cedar.ts";
import { splitPolicies } from "../../src/policy/source.ts";

const odd = fc.constantFrom(
  "// a comment; with a semicolon\n",
  '// an open "string\n',
  "\n",
  "\r\n",
  "  \t",
  '@id("a;b")\n',
  '@note("// no comment")',
  '@note("\\"; permit")',
  '@note("\\\\")',
  "permit(principal, action, resource);",
  'forbid(principal, action, resource)\nwhen { context.a == "; // \\" ;" };',
  "permit(principal, action, resource) unless { context has b } // ;\n;",
  "/* no comment in Cedar; */",
  ";",
  '"',
);

test("whatever Cedar can read is cut into as many pieces as it has policies", () => {
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      const count = countPolicies(text);
      if (count !== undefined) assert.equal(splitPolicies(text).length, count);
    }),
    { numRuns: 2000 },
  );
});

test("a piece begins on the line of its first word, annotations included", () => {
  const text =
    '// one\n\n@id("a")\npermit(principal, action, resource);\n\n  // two; three\n@id("b") permit(principal, action,\n resource);\n';
  assert.deepEqual(
    splitPolicies(text).map(({ line }) => line),
    [3, 7],
  );
});
