/** Copies the page's Roboto into this frame, which inherits no fonts; without it the system's sans-serif serves. */
export function borrowRoboto(): void {
  for (const { style } of fontFaces().filter(isUpright)) {
    const face = new FontFace("Roboto", style.getPropertyValue("src"), {
      weight: style.getPropertyValue("font-weight") || "400",
      unicodeRange: style.getPropertyValue("unicode-range") || "U+0-10FFFF",
    });
    // Added first, so that the page is told when it has loaded. One that does not load leaves things as they are.
    document.fonts.add(face);
    face.load().catch(() => document.fonts.delete(face));
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
