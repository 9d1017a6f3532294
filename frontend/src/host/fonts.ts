/** Copies the page's Roboto into this frame, which inherits no fonts; without it the system's sans-serif serves. */
export async function borrowRoboto(): Promise<void> {
  const faces = fontFaces().filter(isUpright);
  const loaded = faces.map(({ style }) =>
    new FontFace("Roboto", style.getPropertyValue("src"), {
      weight: style.getPropertyValue("font-weight") || "400",
      unicodeRange: style.getPropertyValue("unicode-range") || "U+0-10FFFF",
    }).load(),
  );
  for (const face of await Promise.allSettled(loaded)) {
    if (face.status === "fulfilled") document.fonts.add(face.value);
  }
}

/** Roboto and not Roboto Mono, and not its italics, which the dashboard has no use for. */
function isUpright({ style }: CSSFontFaceRule): boolean {
  const family = style.getPropertyValue("font-family").replaceAll(/["']/g, "");
  return family === "Roboto" && (style.getPropertyValue("font-style") || "normal") === "normal";
}

function fontFaces(): CSSFontFaceRule[] {
  try {
    if (window.parent === window) return [];
    const sheets = [...window.parent.document.styleSheets];
    // The parent has its own CSSFontFaceRule: compare names, not constructors.
    return sheets.flatMap(rulesOf).filter((rule): rule is CSSFontFaceRule => rule.constructor.name === "CSSFontFaceRule");
  } catch {
    return []; // another origin
  }
}

function rulesOf(sheet: CSSStyleSheet): CSSRule[] {
  try {
    return [...sheet.cssRules];
  } catch {
    return []; // a sheet of another origin does not show its rules
  }
}
