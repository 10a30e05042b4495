/** Light, dark, or what the end user's system says. */
export type ThemeMode = "light" | "dark" | "system";

/** The colours of one mode, as CSS colours. What is not given keeps its default. */
export interface ThemeColors {
  background?: string;
  surface?: string;
  text?: string;
  textMuted?: string;
  primary?: string;
  primaryForeground?: string;
  primaryHover?: string;
  secondary?: string;
  secondaryHover?: string;
  border?: string;
  success?: string;
  error?: string;
}

/** Font families, as in CSS `font-family`. */
export interface ThemeFonts {
  body?: string;
  heading?: string;
  button?: string;
}

/**
 * Texts by their keys; `{count}` and the like are replaced. A text that counts something may be given for each plural
 * category of the language, such as `{ one: "{count} file", other: "{count} files" }`.
 */
export type ConnectLabels = Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>;

/** How the widget looks. What is not given keeps its default. */
export interface ConnectTheme {
  mode?: ThemeMode;
  colors?: { light?: ThemeColors; dark?: ThemeColors };
  fonts?: ThemeFonts;
  labels?: ConnectLabels;
}

const MODES: readonly string[] = ["light", "dark", "system"] satisfies ThemeMode[];

/** Whether a word is a mode. */
export function isThemeMode(word: string): word is ThemeMode {
  return MODES.includes(word);
}
