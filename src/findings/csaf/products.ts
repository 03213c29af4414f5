// What a CSAF document speaks of: its products, and which of them are parts of which.
// Source: OASIS CSAF 2.0, section 3.2.2 (product tree).

import { fieldsAt, isFields, listAt, textAt } from "../../base/reading.ts";

export type Product = {
  readonly id: string;
  /** "" where the document gives none. */
  readonly purl: string;
  readonly cpe: string;
  /** The product that this one is a part of, by relationship; "" for none. */
  readonly within: string;
  /** The product that it is as such, by relationship; its own id otherwise. */
  readonly component: string;
};

const maxDepth = 40;

/** By product id; a later one of the same id does not replace the first. */
export function readProducts(document: unknown): ReadonlyMap<string, Product> {
  const products = new Map<string, Product>();
  const add = (product: Product): void => {
    if (product.id !== "" && !products.has(product.id)) products.set(product.id, product);
  };
  for (const full of listAt(document, "product_tree", "full_product_names")) add(toProduct(full));
  addBranches(listAt(document, "product_tree", "branches"), add, 0);
  for (const relation of listAt(document, "product_tree", "relationships")) {
    add({
      ...toProduct(fieldsAt(relation, "full_product_name")),
      within: textAt(relation, "relates_to_product_reference"),
      component: textAt(relation, "product_reference"),
    });
  }
  return products;
}

/** What lies deeper than anybody nests is left out, so that nothing recurses without end. */
function addBranches(branches: readonly unknown[], add: (product: Product) => void, depth: number): void {
  if (depth > maxDepth) return;
  for (const branch of branches) {
    const product = isFields(branch) ? branch["product"] : undefined;
    if (isFields(product)) add(toProduct(product));
    addBranches(listAt(branch, "branches"), add, depth + 1);
  }
}

function toProduct(product: unknown): Product {
  const id = textAt(product, "product_id");
  return {
    id,
    purl: textAt(product, "product_identification_helper", "purl"),
    cpe: textAt(product, "product_identification_helper", "cpe"),
    within: "",
    component: id,
  };
}
