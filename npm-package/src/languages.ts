import type { Texts } from "./texts.js";

/** The languages besides English. Written out like this, bundlers make a chunk of each, and only one is downloaded. */
const LANGUAGES: Readonly<Record<string, () => Promise<{ texts: Texts }>>> = {
  ar: () => import("./texts-ar.js"),
  de: () => import("./texts-de.js"),
  es: () => import("./texts-es.js"),
  fr: () => import("./texts-fr.js"),
  ja: () => import("./texts-ja.js"),
};

/** The texts of a language, as in HTML's `lang`. None where there are none, or they cannot be had: then it is English. */
export async function textsOf(lang: string): Promise<Texts | undefined> {
  const language = lang.split("-", 1)[0]?.toLowerCase() ?? "";
  if (!Object.hasOwn(LANGUAGES, language)) return undefined;
  return LANGUAGES[language]?.().then(
    ({ texts }) => texts,
    () => undefined,
  );
}
