//! Colours and fonts.
//!
//! Every colour and font of the widget is a custom property `--connect-…`. A host sets them in its own style sheet, or
//! gives a [`Theme`], which wins; what neither sets has the default of [`COLORS`]. Which of the two palettes holds is
//! the browser's own business (`color-scheme`, `light-dark()`), so the system's choice is followed live.

use web_sys::CssStyleDeclaration;
use yew::AttrValue;

use crate::palette::{COLORS, Color, FONTS};

/// Which palette holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeMode {
    /// The light one.
    Light,
    /// The dark one.
    Dark,
    /// The one that the user's system asks for.
    #[default]
    System,
}

impl ThemeMode {
    /// Reads `light`, `dark` or `system`; anything else is `system`.
    pub fn from_word(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }
}

/// A palette: colours in the order of [`COLORS`], `None` where the default holds.
pub type Palette = [Option<AttrValue>; COLORS.len()];

/// What a host wants to look different.
///
/// ```
/// use widget::{Theme, ThemeMode};
///
/// let mut theme = Theme::new(ThemeMode::Dark);
/// theme.set_color(ThemeMode::Dark, "primary", "#7fd1c7");
/// theme.set_font("body", "Inter, sans-serif");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Theme {
    /// Which palette holds.
    pub mode: ThemeMode,
    light: Palette,
    dark: Palette,
    fonts: [Option<AttrValue>; FONTS.len()],
}

impl Theme {
    /// The default theme in a mode.
    pub fn new(mode: ThemeMode) -> Self {
        Self {
            mode,
            ..Self::default()
        }
    }

    /// Sets a colour of the light or the dark palette, or of both (`System`), by its name in [`COLORS`]. An unknown
    /// name changes nothing; a value that is no CSS colour has the effect of none.
    pub fn set_color(&mut self, palette: ThemeMode, name: &str, value: impl Into<AttrValue>) {
        let Some(index) = COLORS.iter().position(|color| color.name == name) else {
            return;
        };
        let value = value.into();
        if palette != ThemeMode::Dark {
            self.light[index] = Some(value.clone());
        }
        if palette != ThemeMode::Light {
            self.dark[index] = Some(value);
        }
    }

    /// Sets a font by its name in [`FONTS`], as in CSS `font-family`.
    pub fn set_font(&mut self, name: &str, value: impl Into<AttrValue>) {
        if let Some(index) = FONTS.iter().position(|(known, _)| *known == name) {
            self.fonts[index] = Some(value.into());
        }
    }

    /// The custom properties with their values; `None` where the theme says nothing.
    fn properties(&self) -> impl Iterator<Item = (&'static str, Option<String>)> {
        let colors = COLORS.iter().enumerate().map(|(index, color)| {
            let value = self.value(
                self.light[index].as_deref(),
                self.dark[index].as_deref(),
                color,
            );
            (color.property, value)
        });
        let fonts = FONTS.iter().zip(&self.fonts);
        colors.chain(
            fonts.map(|((_, property), value)| (*property, value.as_deref().map(String::from))),
        )
    }

    fn value(&self, light: Option<&str>, dark: Option<&str>, color: &Color) -> Option<String> {
        match self.mode {
            ThemeMode::Light => light.map(String::from),
            ThemeMode::Dark => dark.map(String::from),
            ThemeMode::System if light.is_none() && dark.is_none() => None,
            ThemeMode::System => Some(
                [
                    "light-dark(",
                    light.unwrap_or(color.light),
                    ", ",
                    dark.unwrap_or(color.dark),
                    ")",
                ]
                .concat(),
            ),
        }
    }
}

/// Sets an element's custom properties as the theme says, one by one: a `style` attribute would be blocked by a strict
/// content security policy.
pub(crate) fn apply(style: &CssStyleDeclaration, theme: &Theme) {
    for (property, value) in theme.properties() {
        // Neither call fails for a custom property; a text that is no value is left out by the browser.
        let _ = match value {
            Some(value) => style.set_property(property, &value),
            None => style.remove_property(property).map(drop),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(theme: &Theme) -> Vec<(&'static str, String)> {
        theme
            .properties()
            .filter_map(|(property, value)| Some((property, value?)))
            .collect()
    }

    fn themed(mode: ThemeMode) -> Theme {
        let mut theme = Theme::new(mode);
        theme.set_color(ThemeMode::Light, "primary", "teal");
        theme.set_color(ThemeMode::Dark, "primary", "aqua");
        theme.set_color(ThemeMode::Dark, "error", "pink");
        theme
    }

    #[test]
    fn a_theme_that_says_nothing_sets_nothing() {
        assert_eq!(given(&Theme::default()), []);
    }

    #[test]
    fn each_mode_takes_its_own_palette() {
        assert_eq!(
            given(&themed(ThemeMode::Light)),
            [("--connect-primary", "teal".into())]
        );
        assert_eq!(
            given(&themed(ThemeMode::Dark)),
            [
                ("--connect-primary", "aqua".into()),
                ("--connect-error", "pink".into())
            ]
        );
    }

    #[test]
    fn the_systems_mode_leaves_the_choice_to_the_browser() {
        assert_eq!(
            given(&themed(ThemeMode::System)),
            [
                ("--connect-primary", "light-dark(teal, aqua)".into()),
                ("--connect-error", "light-dark(#b93225, pink)".into())
            ]
        );
    }

    #[test]
    fn fonts_and_unknown_names() {
        let mut theme = Theme::default();
        theme.set_font("heading", "Georgia, serif");
        theme.set_font("other", "x");
        theme.set_color(ThemeMode::System, "other", "x");
        assert_eq!(
            given(&theme),
            [("--connect-font-heading", "Georgia, serif".into())]
        );
    }

    /// The relative luminance of `#rrggbb` (WCAG 2.2).
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn the_default_colours_can_be_read_in_both_palettes() {
        let color = |name: &str| COLORS.iter().find(|color| color.name == name).unwrap();
        let pairs = [
            ("text", "background"),
            ("text", "surface"),
            ("text", "secondary"),
            ("text", "secondaryHover"),
            ("textMuted", "background"),
            ("textMuted", "surface"),
            ("textMuted", "secondary"),
            ("primary", "background"),
            ("primary", "surface"),
            ("success", "background"),
            ("success", "surface"),
            ("error", "background"),
            ("error", "surface"),
            ("primaryForeground", "primary"),
            ("primaryForeground", "primaryHover"),
        ];
        for (text, ground) in pairs {
            let (text_color, ground_color) = (color(text), color(ground));
            for (mode, text_hex, ground_hex) in [
                ("light", text_color.light, ground_color.light),
                ("dark", text_color.dark, ground_color.dark),
            ] {
                let contrast = contrast(text_hex, ground_hex);
                assert!(contrast >= 4.5, "{text} on {ground}, {mode}: {contrast:.2}");
            }
        }
    }
}
