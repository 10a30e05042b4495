/** A sheet belongs to the document that it was made in. */
const sheets = new WeakMap<Document, CSSStyleSheet>();

/** Adopts the widget's styles into a shadow root. All roots of a document share one sheet, which no content security policy blocks. */
export function adoptStyles(root: ShadowRoot, css: () => string): void {
  const { ownerDocument } = root;
  let sheet = sheets.get(ownerDocument);
  if (!sheet) {
    const { CSSStyleSheet } = ownerDocument.defaultView ?? globalThis;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css());
    sheets.set(ownerDocument, sheet);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}
