import { expect, test } from "vitest";
import { hashWithView, viewInHash } from "./address";

test("a view survives the way into a hash and back, beside what others keep there", () => {
  const view = "epoch=3&focus=digits/mlp & co/50%&filter=^a|b$";
  const hash = hashWithView("#curveboard&p.other.view=1", view);
  expect(hash).toMatch(/^#curveboard&p\.other\.view=1&p\.curveboard\.view=/);
  expect(viewInHash(hash)).toBe(view);
  expect(viewInHash(hashWithView(hash, "epoch=4"))).toBe("epoch=4");
});

test("no view leaves no trace", () => {
  expect(hashWithView("#curveboard&p.curveboard.view=epoch%3D3", "")).toBe("#curveboard");
  expect(hashWithView("", "")).toBe("");
  expect(viewInHash("#scalars")).toBe("");
  expect(viewInHash("#p.curveboard.view=%E0%A4%A")).toBe("");
});
