/**
 * The language that holds for an element: of the closest ancestor that names one, through shadow roots, or the
 * browser's.
 */
export function languageOf(element: Element): string {
  for (let node: Node | null = element; node; node = node.parentNode ?? hostOf(node)) {
    const lang = node instanceof Element ? node.getAttribute("lang") : null;
    if (lang) return lang;
  }
  return navigator.language;
}

function hostOf(node: Node): Element | null {
  return node instanceof ShadowRoot ? node.host : null;
}
