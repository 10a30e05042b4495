let sheet: CSSStyleSheet | undefined;

/** Adopts the widget's styles into a shadow root. All roots share one sheet, which no content security policy blocks. */
export function adoptStyles(root: ShadowRoot, css: () => string): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css());
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}
